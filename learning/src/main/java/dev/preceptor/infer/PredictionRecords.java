package dev.preceptor.infer;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Remembers what was predicted, so that a later job skips the subjects whose outputs are current. {@code predictions.json} of a
 * folder is one implementation; processes that predict parts of a folder side by side bring one of their own. Implementations
 * are thread-safe.
 */
public interface PredictionRecords {
    /** The entries by subject; each holds the hashes of input, models and outputs. */
    Map<String, JsonNode> entries();

    /** Records the entry of a subject whose outputs are complete. */
    void put(String id, JsonNode entry);

    /**
     * Forgets a subject.
     *
     * @param removed the names of its outputs that were removed from the folder, so that no copy elsewhere stays either
     */
    void remove(String id, List<String> removed);

    /** A subject is about to be read. Called from any thread, once for each subject that a job attempts. */
    default void begin(String id) {}
}
