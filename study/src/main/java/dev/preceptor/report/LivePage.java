package dev.preceptor.report;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.html.Page;
import dev.preceptor.html.Snippet;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
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
 * The live page of a running training, with three parts that change: progress, learning curves, and the first validation
 * subjects with the outlines of reference and prediction. On the training thread it only stores events; a part is rendered when
 * a browser asks for it. Thread-safe.
 */
public final class LivePage implements Consumer<TrainingEvent> {
    /** A part of the page; it is replaced as a whole when its version changes. */
    enum Part {
        PROGRESS,
        CURVES,
        SLICES;

        /** The name in addresses and on the page. */
        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The current content of a part. */
    record Fragment(long version, String html) {}

    private static final int NOTICES = 12;

    private final Path run;
    private final Recipe recipe;
    private final List<Page.Fact> facts;
    private final LiveProgress progress;
    private final Deque<String> notices = new ArrayDeque<>();
    private TrainingEvent.Validated validated;
    private long events;
    private long epochs;
    private long validations;
    private Fragment curves = new Fragment(-1, "");
    private Fragment slices = new Fragment(-1, "");

    /**
     * @param run the folder of the run
     * @param facts names and values below the title of the page
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
            if (notices.size() > NOTICES) {
                notices.removeFirst();
            }
        }
    }

    /** The current content of a part. */
    synchronized Fragment part(Part part) {
        return switch (part) {
            case PROGRESS -> new Fragment(events, render(progress()));
            case CURVES -> {
                if (curves.version() != epochs) {
                    curves = new Fragment(epochs, render(curves()));
                }
                yield curves;
            }
            case SLICES -> {
                if (slices.version() != validations) {
                    slices = new Fragment(validations, render(slices()));
                }
                yield slices;
            }
        };
    }

    /** The current page. */
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

    /** From {@code metrics.jsonl}, which holds the epochs before the run was resumed as well. */
    private List<Block> curves() {
        TrainingLog log;
        try {
            log = TrainingLog.in(run);
        } catch (PreceptorException e) {
            return List.of(new Block.Note(e.getMessage()));
        }
        if (log.epochs().isEmpty()) {
            return List.of(new Block.Note("No epoch is over yet."));
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

    private List<Block> slices() {
        if (validated == null) {
            return List.of(new Block.Note("Nobody has been validated yet."));
        }
        Map<String, TrainingEvent.ValidationSample> byId = validated.subjects().stream()
                .collect(Collectors.toMap(TrainingEvent.ValidationSample::subject, one -> one, (a, b) -> a));
        String what = "The " + validated.role() + " after epoch " + validated.epoch() + ", on the grid of the model, "
                + validated.shown()
                + ". The slices are those with most tumour, the patient's right on the left. The numbers"
                + " are volumetric Dice, and ml of the reference.";
        List<String> ids = validated.subjects().stream()
                .map(TrainingEvent.ValidationSample::subject)
                .toList();
        return List.of(new Block.Note(what), Gallery.of(ids, id -> subject(byId.get(id))));
    }

    private Gallery.Patient subject(TrainingEvent.ValidationSample validationSample) {
        // Without a spacing in the recipe the model works on the grid of the file, which is not known here: the voxels
        // are
        // drawn as cubes.
        double spacing =
                recipe.preprocessing().spacing() > 0 ? recipe.preprocessing().spacing() : 1;
        Grid grid = new Grid(
                validationSample.size(),
                new Orientation(recipe.preprocessing().orientation()).affine(spacing, spacing, spacing));
        return new Gallery.Patient(
                validationSample.subject(),
                validated.shown().name(),
                new Volume(grid, aboveBackground(validationSample.image())),
                new LabelMap(grid, validationSample.truth(), LabelSchema.BRATS_2023),
                Map.of(validated.role(), new LabelMap(grid, validationSample.predicted(), LabelSchema.BRATS_2023)));
    }

    /** Shifts the intensities of a normalised image, so that its background, 0, is the darkest again. */
    private static float[] aboveBackground(float[] image) {
        float least = 0;
        for (float value : image) {
            least = Math.min(least, value);
        }
        float[] shifted = image.clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] = image[i] == 0 ? 0 : image[i] - least;
        }
        return shifted;
    }
}
