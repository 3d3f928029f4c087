package dev.preceptor.dicomweb;

import java.nio.file.Path;
import java.util.List;

/**
 * What became of instances that were to be stored.
 *
 * @param stored number of instances that the PACS took
 * @param alreadyStored number of instances that it had before, which were not sent
 * @param refused instances that it did not take
 */
public record StoreReport(int stored, int alreadyStored, List<Refusal> refused) {
    public StoreReport {
        refused = List.copyOf(refused);
    }

    /**
     * An instance that a PACS did not take.
     *
     * @param file the file
     * @param reason why, in words
     */
    public record Refusal(Path file, String reason) {
        @Override
        public String toString() {
            return file + ": refused by the PACS: " + reason;
        }
    }
}
