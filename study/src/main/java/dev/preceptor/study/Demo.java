package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.distill.Role;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.recipe.TrainingNeeds;
import dev.preceptor.report.SlicePicture;
import dev.preceptor.run.RunFolder;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * The demo, which is the built-in study {@code demo} and what it shows: few labelled subjects and many without labels; a teacher that
 * sees every sequence; a student that sees one and learns from both; and the same student without a teacher, with the steps of teacher
 * and student together. Below {@code out} it writes the study, {@code pictures} and {@code demo.md}.
 */
public final class Demo {
    private static final String STUDY = "demo";
    private static final String QUICK = "demo-quick";
    private static final String TAUGHT = "taught";
    private static final String UNTAUGHT = "untaught";
    private static final String SELF_TRAINED = "self-trained";
    private static final String TEACHER = "teacher";

    /** At most a fifth of the real subjects is held out. */
    private static final int LEAST_FOLDS = 5;

    /** Trainings that do not wait for each other run side by side, unless there is one thread for all. */
    private static final int JOBS = 2;

    private final DemoOptions options;
    private final StudyListener listener;
    /** The real cohort; empty for the phantom. */
    private final Optional<Cohort> cohort;

    private final Study study;

    private Demo(DemoOptions options, StudyListener listener) {
        this.options = options;
        this.listener = listener;
        this.cohort = options.cohort().map(folder -> Cohort.open(folder, options.schema()));
        this.study = study();
    }

    /**
     * The result of the demo.
     *
     * @param table teacher, untaught and taught student, and the difference of both students
     * @param findings sentences: a line for each region, then the conclusion
     * @param out the folder with all files
     * @param student model file of the taught student of the first seed
     * @param pictures one PNG for each scored subject, of the first seed
     */
    public record Result(ComparisonTable table, List<String> findings, Path out, Path student, List<Path> pictures) {}

    /**
     * Runs the demo, or resumes it.
     *
     * @return the result; empty if a stop was requested before the end
     * @throws PreceptorException if the folder holds something else, the cohort does not suit, or a part fails
     */
    public static Optional<Result> run(DemoOptions options, StudyListener listener, BooleanSupplier stopRequested) {
        return new Demo(options, listener).run(stopRequested);
    }

    private Study study() {
        ObjectNode changes = options.changes();
        cohort.ifPresent(real -> changes.putObject("folds")
                .put("count", folds(real))
                .putArray("run")
                .add(1));
        Study whole = Study.load(options.quick() ? QUICK : STUDY, changes).with(options.overrides());
        return options.controls() ? whole : whole.without(SELF_TRAINED);
    }

    private int folds(Cohort real) {
        int labelled = (int) real.subjects().stream().filter(Subject::hasLabels).count();
        if (labelled < 3) {
            throw new InvalidCohortException(real.root() + ": has " + labelled
                    + " labelled subjects; the demo needs at least two to train on and one to score");
        }
        return Math.max(Math.min(labelled, LEAST_FOLDS), Math.round((float) labelled / options.unseen()));
    }

    private Optional<Result> run(BooleanSupplier stopRequested) {
        cohort.ifPresent(this::requireUnlabelled);
        StudyOptions how = new StudyOptions(
                        options.out(),
                        options.cohort(),
                        Optional.empty(),
                        options.device(),
                        options.threads(),
                        options.device().equals("cpu") && options.threads() != 1 ? JOBS : 1,
                        0)
                .withSchema(options.schema())
                .withUnlabelled(options.images());
        Optional<StudyResult> result = StudyRun.run(study, how, listener, stopRequested);
        result.ifPresent(ended -> ended.failed().stream().findFirst().ifPresent(failed -> {
            throw new PreceptorException("demo: " + failed.name() + " failed: " + failed.error());
        }));
        return result.map(this::shown);
    }

    /** Refuses a real cohort in which there is nothing to learn from without labels. */
    private void requireUnlabelled(Cohort real) {
        if (options.labelled().isPresent() || options.images().isPresent()) {
            return;
        }
        Recipe recipe = study.trials().get(0).recipe();
        TrainingNeeds needs = new TrainingNeeds(recipe.method(), recipe.needs(), true);
        if (SubjectSelection.of(real, needs).unlabelled().isEmpty()) {
            throw new InvalidCohortException(real.root()
                    + ": every subject has labels, and the demo teaches by subjects without; name images with"
                    + " --unlabelled DIR, use the labels of N subjects alone with --labelled N, or train the plain"
                    + " baseline, which is the better choice here: preceptor train baseline");
        }
    }

    private Result shown(StudyResult result) {
        Map<String, Series> networks = new LinkedHashMap<>();
        networks.put(TEACHER, result.series(TAUGHT + "/" + TEACHER));
        networks.put(UNTAUGHT, result.series(UNTAUGHT));
        if (options.controls()) {
            networks.put(SELF_TRAINED, result.series(SELF_TRAINED));
        }
        networks.put(TAUGHT, result.series(TAUGHT));
        ComparisonTable table = ComparisonTable.of(networks, result.seeds().size(), TAUGHT, UNTAUGHT);
        List<String> findings = DemoFindings.of(result, TAUGHT, UNTAUGHT).lines();
        AtomicFiles.writeString(
                options.out().resolve("demo.md"), table.toMarkdown() + "\n" + String.join("\n\n", findings) + "\n");
        Path trial = new StudyFolder(options.out())
                .trial(networks.get(TAUGHT).cells().get(0));
        return new Result(table, findings, options.out(), new RunFolder(trial).model(Role.STUDENT), pictures(networks));
    }

    private List<Path> pictures(Map<String, Series> networks) {
        String part = "drawing pictures";
        listener.began(part);
        Cohort scored = cohort.orElseGet(() -> Cohort.open(options.out().resolve("unseen")));
        List<Subject> subjects = scored.only(networks.get(TAUGHT).subjects()).subjects();
        List<Path> files = new ArrayList<>();
        for (Subject subject : subjects) {
            LabelMap reference = cohort.isPresent()
                    ? subject.labels()
                    : Nifti.readLabelMap(
                            PhantomCohorts.truth(scored.root()).resolve(subject.id() + ".nii.gz"), scored.schema());
            Path file = options.out().resolve("pictures").resolve(subject.id() + ".png");
            Sequence input = Sequence.of(networks.get(TAUGHT).inputs().get(0));
            String title = subject.id() + ": both students see " + input + " alone";
            new SlicePicture(title, images(subject, input), reference, predictions(subject, reference, networks))
                    .write(file);
            files.add(file);
            listener.advanced(part, subject.id(), files.size(), subjects.size());
        }
        return files;
    }

    private static Map<String, Volume> images(Subject subject, Sequence input) {
        Map<String, Volume> images = new LinkedHashMap<>();
        images.put(input.name(), subject.volume(input));
        if (subject.images().containsKey(Sequence.FLAIR)) {
            images.put(Sequence.FLAIR.name(), subject.volume(Sequence.FLAIR));
        }
        return images;
    }

    private Map<String, LabelMap> predictions(Subject subject, LabelMap reference, Map<String, Series> networks) {
        Map<String, LabelMap> predictions = new LinkedHashMap<>();
        networks.forEach((name, series) -> {
            Path file = new StudyFolder(options.out()).prediction(series.cells().get(0), series.role(), subject.id());
            LabelMap predicted = Nifti.readLabelMap(file, subject.schema());
            predictions.put(name, new LabelMap(reference.grid(), predicted.voxels(), predicted.schema()));
        });
        return predictions;
    }
}
