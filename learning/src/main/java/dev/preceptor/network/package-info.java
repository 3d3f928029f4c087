/**
 * Encoder-decoder networks as plain data: an ordered map of named tensors and a function from an input to
 * {@link dev.preceptor.network.Features}. No network knows a method, and no method a concrete network.
 */
package dev.preceptor.network;
