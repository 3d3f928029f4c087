package dev.preceptor.model;

import dev.preceptor.network.Network;

/**
 * A model that was read from its file, and the network that was built to check it.
 *
 * @param model the content of the file
 * @param network with the weights of the model, which require no gradient
 */
public record LoadedModel(ModelFile model, Network network) implements AutoCloseable {
    /** Closes the network. */
    @Override
    public void close() {
        network.close();
    }
}
