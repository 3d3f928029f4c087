/** From volumes to segmentations: sliding window, ensembles, mirroring, and the way back to the input's grid. */
package dev.preceptor.infer;
