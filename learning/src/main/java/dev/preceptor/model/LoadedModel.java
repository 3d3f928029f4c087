package dev.preceptor.model;

import dev.preceptor.network.Network;
import dev.preceptor.network.Requirement;

/**
 * A model that was read from its file, and the network that was built to check it.
 *
 * @param model the content of the file
 * @param network with the weights of the model, which require no gradient
 */
public record LoadedModel(ModelFile model, Network network) implements AutoCloseable {
    /** Whether it segments a subject from those of its sequences, at least two, that the subject has. */
    public boolean takesAnySubset() {
        return network.requires() == Requirement.ANY_SUBSET
                && model.description().inputs().size() > 1;
    }

    /** Closes the network. */
    @Override
    public void close() {
        network.close();
    }
}
