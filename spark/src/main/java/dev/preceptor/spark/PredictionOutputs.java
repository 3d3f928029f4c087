package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.infer.PredictionIndex;
import dev.preceptor.infer.PredictionSummary;
import dev.preceptor.infer.SubjectOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
    private Map<String, JsonNode> entries;

    private PredictionOutputs(Store store, Path folder) {
        this.store = store;
        this.folder = folder;
    }

    /** Opens the outputs, with what a driver that was killed has left. */
    static PredictionOutputs of(Path place) {
        Store store = Store.at(Place.of(place));
        Path folder = store instanceof LocalStore ? place : InputMirror.scratch();
        PredictionOutputs outputs = new PredictionOutputs(store, folder);
        if (outputs.isAway()) {
            OWN_FILES.stream().filter(name -> store.read(name).isPresent()).forEach(name -> store.fetch(name, folder));
        }
        outputs.entries = new TreeMap<>(PredictionIndex.read(folder));
        outputs.collect();
        return outputs;
    }

    private boolean isAway() {
        return !(store instanceof LocalStore);
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
        if (Files.isDirectory(folder)) {
            summary.write(outcomes);
            SummaryParquet.write(summary.table(), folder);
        }
        keep();
    }

    private void keep() {
        if (isAway()) {
            OWN_FILES.stream()
                    .filter(name -> Files.exists(folder.resolve(name)))
                    .forEach(name -> store.keep(folder.resolve(name), name));
        }
    }

    @Override
    public void close() {
        if (isAway()) {
            AtomicFiles.deleteFolder(folder);
        }
    }
}
