package dev.preceptor.track;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.run.TrainingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Keeps {@code tensorboard/ROLE} in the folder of a run: a point an epoch for each loss, each validation figure and the
 * learning rate. Every start of the training begins a new file for each role that learns, which voids the points from its first epoch on,
 * so that a resumed run has none twice. The files are numbered, for they are read in the order of their names and a
 * clock may go back.
 */
public final class TensorBoardLog implements Consumer<TrainingEvent> {
    private static final String PREFIX = "events.out.tfevents.";

    private final Path folder;
    private final Clock clock;
    private final Consumer<String> notices;
    private final Map<String, EventFile> files = new HashMap<>();
    private boolean failing;

    /**
     * @param run the folder of the run
     * @param notices hears when points are lost: a training does not end because nobody can watch
     */
    public TensorBoardLog(Path run, Clock clock, Consumer<String> notices) {
        this.folder = run.resolve("tensorboard");
        this.clock = clock;
        this.notices = notices;
    }

    @Override
    public void accept(TrainingEvent event) {
        if (event instanceof TrainingEvent.EpochEnded ended) {
            try {
                add(ended);
                failing = false;
            } catch (PreceptorException e) {
                // What stands behind a torn record is lost to readers: the next points go to a new file.
                files.remove(ended.role());
                if (!failing) {
                    notices.accept(e.getMessage()
                            + "; the training goes on, TensorBoard misses points that stand in metrics.jsonl");
                }
                failing = true;
            }
        }
    }

    private void add(TrainingEvent.EpochEnded ended) {
        double now = clock.millis() / 1e3;
        EventFile file = files.get(ended.role());
        if (file == null) {
            file = next(ended.role());
            file.begin(now, ended.epoch());
            files.put(ended.role(), file);
        }
        file.scalars(now, ended.epoch(), scalars(ended));
    }

    private static Map<String, Double> scalars(TrainingEvent.EpochEnded ended) {
        Map<String, Double> scalars = new LinkedHashMap<>();
        ended.training().forEach((name, value) -> scalars.put("training/" + name, value));
        ended.validation().forEach((name, value) -> scalars.put("validation/" + name, value));
        scalars.put("learning_rate", ended.learningRate());
        scalars.put("seconds", ended.seconds());
        return scalars;
    }

    private EventFile next(String role) {
        Path own = folder.resolve(role);
        AtomicFiles.createFolder(own);
        try (Stream<Path> entries = Files.list(own)) {
            long before = entries.filter(p -> p.getFileName().toString().startsWith(PREFIX))
                    .count();
            return new EventFile(own.resolve(PREFIX + String.format(Locale.ROOT, "%010d", before + 1)));
        } catch (IOException e) {
            throw new PreceptorException(own + ": cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }
}
