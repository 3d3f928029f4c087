package dev.preceptor.network;

/**
 * The bytes of tensors that a forward has to itself. What an operation takes and gives back while it runs is not among them.
 *
 * @param kept held now: after a forward what its way back needs, or without gradients what waits for the end of its scope
 * @param most the most that was held at once so far, gradients included
 * @param largest the largest tensor so far, as float32, whether it was held or only passed from a function to a convolution
 */
public record MemoryUsage(long kept, long most, long largest) {}
