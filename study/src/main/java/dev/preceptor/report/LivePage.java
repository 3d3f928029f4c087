package dev.preceptor.report;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.html.Page;
import dev.preceptor.html.Snippet;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.track.MetricsReader;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The page of a running training, with three parts that change: progress, learning curves, and the first validation subjects
 * with the contours of reference and prediction. Learning curves are read from {@code metrics.jsonl}; progress, slices and
 * notices come from training events, which are only stored on the training thread. A part is rendered when it is requested.
 * Thread-safe.
 */
public final class LivePage implements Consumer<TrainingEvent> {
    /** A part of the page that the browser replaces when its version changes. */
    enum Part {
        PROGRESS,
        CURVES,
        SLICES;

        /** Its path in the URL and its id in the page. */
        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A rendered part.
     *
     * @param version changes when the content does
     */
    record Fragment(long version, String html) {}

    private static final int MAX_NOTICES = 12;

    private final Path run;
    private final Recipe recipe;
    private final List<Page.Fact> facts;
    private final LiveProgress progress;
    private final Deque<String> notices = new ArrayDeque<>();
    private TrainingEvent.Validated validated;
    private long events;
    private long epochs;
    private long validations;
    /** Held while curves and slices are rendered, which take long: the training thread waits for the monitor of this alone. */
    private final Object rendering = new Object();

    private Fragment curves = new Fragment(-1, "");
    private Fragment slices = new Fragment(-1, "");

    /**
     * @param run the folder of the run
     * @param facts recipe, cohort, device and so on, by name
     */
    public LivePage(Path run, Recipe recipe, Map<String, String> facts) {
        this.run = run;
        this.recipe = recipe;
        this.facts = facts.entrySet().stream()
                .map(fact -> new Page.Fact(fact.getKey(), fact.getValue()))
                .toList();
        this.progress = new LiveProgress(System::nanoTime);
    }

    @Override
    public synchronized void accept(TrainingEvent event) {
        events++;
        progress.accept(event);
        if (event instanceof TrainingEvent.EpochEnded || event instanceof TrainingEvent.PhaseStarted) {
            epochs++;
        } else if (event instanceof TrainingEvent.Validated latest) {
            validated = latest;
            validations++;
        } else if (event instanceof TrainingEvent.Notice notice) {
            notices.addLast(notice.line());
            if (notices.size() > MAX_NOTICES) {
                notices.removeFirst();
            }
        }
    }

    /** The current version of a part. */
    Fragment part(Part part) {
        synchronized (rendering) {
            return switch (part) {
                case PROGRESS -> renderProgress();
                case CURVES -> {
                    long version = epochs();
                    if (curves.version() != version) {
                        curves = new Fragment(version, render(curves()));
                    }
                    yield curves;
                }
                case SLICES -> {
                    Validation latest = validation();
                    if (slices.version() != latest.number) {
                        slices = new Fragment(latest.number, render(slices(latest.validated)));
                    }
                    yield slices;
                }
            };
        }
    }

    private synchronized Fragment renderProgress() {
        return new Fragment(events, render(progress()));
    }

    private synchronized long epochs() {
        return epochs;
    }

    private synchronized Validation validation() {
        return new Validation(validations, validated);
    }

    /**
     * @param number of the validation, from 1; 0 if there was none
     * @param validated its subjects; null if there was none
     */
    private record Validation(long number, TrainingEvent.Validated validated) {}

    /** The current version of the whole page. */
    String html() {
        List<Page.Section> sections = new ArrayList<>();
        sections.add(new Page.Section("Now", List.of(live(Part.PROGRESS))));
        sections.add(new Page.Section("Learning curves", List.of(live(Part.CURVES))));
        sections.add(new Page.Section("Validation subjects", List.of(live(Part.SLICES))));
        sections.add(new Page.Section(
                "Recipe",
                List.of(new Block.Note(RecipeText.of(recipe)), new Snippet("The whole recipe", recipe.toYaml()))));
        Path name = run.toAbsolutePath().normalize().getFileName();
        return ReportPages.of("training", String.valueOf(name), facts, List.of(), sections)
                .live();
    }

    private Block live(Part part) {
        Fragment fragment = part(part);
        return new Block.Live(part.id(), fragment.version(), fragment.html());
    }

    private static String render(List<Block> blocks) {
        HtmlWriter page = new HtmlWriter();
        blocks.forEach(block -> block.render(page));
        return page.finish();
    }

    private List<Block> progress() {
        List<Block> blocks = new ArrayList<>(progress.blocks());
        notices.descendingIterator().forEachRemaining(line -> blocks.add(new Block.Note(line)));
        return blocks;
    }

    /** Reads the whole file, which also holds the epochs before the training was resumed. */
    private List<Block> curves() {
        TrainingLog log;
        try {
            log = log();
        } catch (PreceptorException e) {
            return List.of(new Block.Note(e.getMessage()));
        }
        if (log.epochs().isEmpty()) {
            return List.of(new Block.Note("No epoch has ended yet."));
        }
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Note("Blue is training, orange validation; each panel has its own scale."));
        List<String> roles = log.roles();
        for (int i = roles.size() - 1; i >= 0; i--) {
            String role = roles.get(i);
            boolean isLatest = i == roles.size() - 1;
            blocks.add(new Block.Details(role, isLatest, List.of(TrainingLog.curves(role, Map.of(role, log)))));
        }
        return blocks;
    }

    private TrainingLog log() {
        return new TrainingLog(new MetricsReader(new RunFolder(run).metrics()).read(Integer.MAX_VALUE));
    }

    private List<Block> slices(TrainingEvent.Validated validated) {
        if (validated == null) {
            return List.of(new Block.Note("There has been no validation yet."));
        }
        Map<String, TrainingEvent.ValidationSample> samples = validated.subjects().stream()
                .collect(Collectors.toMap(TrainingEvent.ValidationSample::subject, one -> one, (a, b) -> a));
        String caption =
                "The " + validated.role() + " after epoch " + validated.epoch() + ", on the grid of the model, "
                        + validated.shown()
                        + ". These are the slices with most labelled voxels, the patient's right on the left; the numbers are the"
                        + " volumetric Dice and the volume of the reference in ml.";
        List<String> ids = validated.subjects().stream()
                .map(TrainingEvent.ValidationSample::subject)
                .toList();
        return List.of(new Block.Note(caption), Gallery.of(ids, id -> subject(validated, samples.get(id))));
    }

    private Gallery.Patient subject(TrainingEvent.Validated validated, TrainingEvent.ValidationSample sample) {
        // The recipe gives the grid of the model; where that is the grid of the file, isotropic voxels are assumed.
        double spacing =
                recipe.preprocessing().spacing() > 0 ? recipe.preprocessing().spacing() : 1;
        Grid grid = new Grid(
                sample.size(), new Orientation(recipe.preprocessing().orientation()).affine(spacing, spacing, spacing));
        return new Gallery.Patient(
                sample.subject(),
                validated.shown().name(),
                new Volume(grid, withDarkBackground(sample.image())),
                new LabelMap(grid, sample.truth(), sample.labels()),
                Map.of(validated.role(), new LabelMap(grid, sample.predicted(), sample.labels())));
    }

    /** The background of a normalised image is 0, within the range of its foreground; makes it the darkest value. */
    private static float[] withDarkBackground(float[] image) {
        float min = 0;
        for (float value : image) {
            min = Math.min(min, value);
        }
        float[] shifted = image.clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] = image[i] == 0 ? 0 : image[i] - min;
        }
        return shifted;
    }
}
