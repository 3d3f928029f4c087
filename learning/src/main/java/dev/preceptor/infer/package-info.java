/** From volumes to segmentations: sliding window, ensembles, mirroring, and the inverse transform to the grid of the input. */
package dev.preceptor.infer;
