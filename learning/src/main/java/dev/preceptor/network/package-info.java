/**
 * Encoder-decoder networks: named weights, and a forward pass on a {@link dev.preceptor.network.Tape} that gives
 * {@link dev.preceptor.network.Features}. A network does not know by which method it is trained.
 */
package dev.preceptor.network;
