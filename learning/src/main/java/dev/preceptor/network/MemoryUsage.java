package dev.preceptor.network;

/**
 * Bytes of the tensors that a forward pass owns. Memory that an operation allocates and frees while it runs is not included.
 *
 * @param kept owned now: after a forward pass, what its backward pass needs, or without gradients, all until the scope closes
 * @param most peak so far, gradients included
 * @param largest size of the largest single tensor so far, as float32
 */
public record MemoryUsage(long kept, long most, long largest) {}
