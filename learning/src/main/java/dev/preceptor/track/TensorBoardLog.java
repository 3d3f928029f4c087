package dev.preceptor.track;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Writes {@code metrics.jsonl} as TensorBoard event files, {@code tensorboard/ROLE} in the folder of the run: one point per epoch
 * for each training and validation metric, the learning rate and the seconds of the epoch.
 *
 * <p>Training events only say when to read on; all values come from the file. {@code tensorboard/position.json} holds the number
 * of lines in the event files, and a resumed training continues from there, or from the end of the file if that was cut to the
 * checkpoint. Every start begins a new event file for each role, which voids the points of earlier files from its first epoch
 * on. Each line therefore gives one point, wherever the earlier start ended; without a readable position all lines are written
 * again. Event files are numbered, because TensorBoard reads them in the order of their names, and clocks may be set back.
 *
 * <p>Called on the training thread. Not thread-safe.
 */
public final class TensorBoardLog implements Consumer<TrainingEvent> {
    private static final String PREFIX = "events.out.tfevents.";

    private final Path folder;
    private final Path metrics;
    private final Clock clock;
    private final Consumer<String> notices;
    private final Map<String, EventFile> files = new HashMap<>();
    private final Deque<EpochRecord> pending = new ArrayDeque<>();
    /** Created with the first phase, when a resumed training has cut the file to the checkpoint. */
    private MetricsReader reader;

    private int saved;
    private boolean failing;

    /**
     * @param run the folder of the run
     * @param notices receives a line when event files cannot be written, once until they can; training continues
     */
    public TensorBoardLog(Path run, Clock clock, Consumer<String> notices) {
        this.folder = run.resolve("tensorboard");
        this.metrics = new RunFolder(run).metrics();
        this.clock = clock;
        this.notices = notices;
    }

    @Override
    public void accept(TrainingEvent event) {
        if (event instanceof TrainingEvent.Notice || event instanceof TrainingEvent.Stepped) {
            return;
        }
        try {
            follow();
            failing = false;
        } catch (PreceptorException e) {
            if (!failing) {
                notices.accept(e.getMessage() + "; training continues, TensorBoard gets these points later");
            }
            failing = true;
        }
    }

    private void follow() {
        if (reader == null) {
            saved = position();
            MetricsReader opened = MetricsReader.after(metrics, saved);
            // Before any event: the new file voids the points of the lines that were cut.
            save(opened.lines());
            reader = opened;
        }
        pending.addAll(reader.read(Integer.MAX_VALUE));
        while (!pending.isEmpty()) {
            add(pending.element());
            pending.remove();
        }
        save(reader.lines());
    }

    /** The saved position is never ahead of the event files; behind them, lines are written again and void the earlier points. */
    private void save(int lines) {
        if (saved != lines) {
            JsonFiles.write(positionFile(), Map.of("lines", lines));
            saved = lines;
        }
    }

    private Path positionFile() {
        return folder.resolve("position.json");
    }

    private int position() {
        try {
            return Files.exists(positionFile())
                    ? Math.max(0, JsonFiles.read(positionFile()).path("lines").asInt(0))
                    : 0;
        } catch (PreceptorException e) {
            return 0;
        }
    }

    private void add(EpochRecord epoch) {
        double now = clock.millis() / 1e3;
        try {
            EventFile file = files.get(epoch.role());
            if (file == null) {
                file = nextFile(epoch.role());
                file.begin(now, epoch.epoch());
                files.put(epoch.role(), file);
            }
            file.scalars(now, epoch.epoch(), epoch.scalars());
        } catch (PreceptorException e) {
            // TensorBoard reads no further than a torn record: the next points need a new file.
            files.remove(epoch.role());
            throw e;
        }
    }

    private EventFile nextFile(String role) {
        Path roleFolder = folder.resolve(role);
        AtomicFiles.createFolder(roleFolder);
        try (Stream<Path> entries = Files.list(roleFolder)) {
            long count = entries.filter(p -> p.getFileName().toString().startsWith(PREFIX))
                    .count();
            return new EventFile(roleFolder.resolve(PREFIX + String.format(Locale.ROOT, "%010d", count + 1)));
        } catch (IOException e) {
            throw new PreceptorException(roleFolder + ": cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }
}
