/**
 * Random changes of what a network is trained on: where a patch is taken from and how, and what a scanner might have done to
 * it. Plain Java; arrays here are z-fastest, as those of tensors [X, Y, Z] are.
 */
package dev.preceptor.augment;
