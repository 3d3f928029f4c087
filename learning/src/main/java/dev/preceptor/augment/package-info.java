/**
 * Data augmentation: random spatial transforms and random intensity transforms of training patches
 * (docs/guide/augmentation.md).
 * Plain Java without libtorch. Arrays in this package are z-fastest, like tensors [X, Y, Z].
 */
package dev.preceptor.augment;
