/**
 * How far a prediction can be trusted: temperatures that calibrate probabilities, the Dice that they promise, and guards that
 * compare an input with the images of the training (docs/guide/doubt.md). Plain Java without libtorch.
 */
package dev.preceptor.quality;
