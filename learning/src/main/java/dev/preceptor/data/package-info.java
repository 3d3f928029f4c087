/** From subjects on disk to batches of tensors: preprocessing and its inverse, samples, patches, prefetching. */
package dev.preceptor.data;
