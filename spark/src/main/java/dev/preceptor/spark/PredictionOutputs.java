package dev.preceptor.spark;

import dev.preceptor.base.Sha256;
import dev.preceptor.base.TemporaryFolder;
import dev.preceptor.infer.PredictionIndex;
import dev.preceptor.infer.PredictionSummary;
import dev.preceptor.infer.SubjectOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The folder of the outputs as the driver sees it: its index and summary, and the files in which executors say how far they are.
 *
 * <p>Not thread-safe.
 */
final class PredictionOutputs implements AutoCloseable {
    private static final List<String> OWN_FILES = List.of("predictions.json", "summary.csv", SummaryParquet.NAME);

    private final Store store;
    private final Path folder;
    private final Optional<TemporaryFolder> copies;
    private Map<String, JsonNode> entries;

    private PredictionOutputs(Store store, Path place) {
        this.store = store;
        this.copies = store instanceof MountedStore ? Optional.empty() : Optional.of(StagingFolders.folder());
        this.folder = copies.map(TemporaryFolder::path).orElse(place);
    }

    /** Opens the outputs, with what a driver that was killed has left. */
    static PredictionOutputs of(Path place) {
        Store store = Store.at(Place.of(place));
        PredictionOutputs outputs = new PredictionOutputs(store, place);
        try {
            if (outputs.isRemote()) {
                OWN_FILES.stream()
                        .filter(name -> store.read(name).isPresent())
                        .forEach(name -> store.fetch(name, outputs.folder));
            }
            outputs.entries = new TreeMap<>(PredictionIndex.read(outputs.folder));
            outputs.collect();
            return outputs;
        } catch (RuntimeException e) {
            outputs.close();
            throw e;
        }
    }

    private boolean isRemote() {
        return copies.isPresent();
    }

    /** The folder of index and summary. */
    Path folder() {
        return folder;
    }

    /** The entries of the subjects that are complete. */
    Map<String, JsonNode> entries() {
        return entries;
    }

    /** How far the executors have come with each subject, as they have written it. */
    Map<String, SubjectProgress> progress() {
        Map<String, SubjectProgress> all = new TreeMap<>();
        for (String name : store.files(SubjectProgress.FOLDER).keySet()) {
            if (name.endsWith(".json") && !name.contains("/.")) {
                store.read(name).map(SubjectProgress::of).ifPresent(known -> all.put(known.id(), known));
            }
        }
        return all;
    }

    /** Takes the entries that executors have written into the index, and removes their files. */
    private void collect() {
        Map<String, SubjectProgress> written = progress();
        if (!written.isEmpty()) {
            written.forEach((id, known) -> known.entry().ifPresent(entry -> entries.put(id, entry)));
            PredictionIndex.write(folder, entries);
            keep();
        }
        store.delete(SubjectProgress.FOLDER);
    }

    /** Writes index and summaries once all subjects have ended. */
    void finish(PredictionSummary summary, List<SubjectOutcome> outcomes) {
        collect();
        forget(outcomes);
        if (Files.isDirectory(folder)) {
            summary.write(outcomes);
            SummaryParquet.write(summary.table(), folder);
        }
        keep();
    }

    /** Removes the entries of failed subjects whose outputs executors have removed. */
    private void forget(List<SubjectOutcome> outcomes) {
        boolean isChanged = entries.keySet()
                .removeAll(outcomes.stream()
                        .filter(outcome -> !outcome.isComplete())
                        .map(SubjectOutcome::id)
                        .filter(this::hasNoOutput)
                        .toList());
        if (isChanged) {
            PredictionIndex.write(folder, entries);
        }
    }

    private boolean hasNoOutput(String id) {
        JsonNode entry = entries.get(id);
        return entry != null
                && entry.path("outputs").properties().stream()
                        .noneMatch(output -> store.read(output.getKey())
                                .map(Sha256::of)
                                .equals(Optional.of(output.getValue().asString(""))));
    }

    private void keep() {
        if (isRemote()) {
            OWN_FILES.stream()
                    .filter(name -> Files.exists(folder.resolve(name)))
                    .forEach(name -> store.keep(folder.resolve(name), name));
        }
    }

    @Override
    public void close() {
        copies.ifPresent(TemporaryFolder::close);
    }
}
