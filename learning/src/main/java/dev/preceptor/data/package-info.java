/** From subjects on disk to batches of tensors: preprocessing and its way back, patches, flips, prefetching. */
package dev.preceptor.data;
