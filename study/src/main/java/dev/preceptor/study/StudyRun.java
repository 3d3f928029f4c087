package dev.preceptor.study;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Patients;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.recipe.TrainingNeeds;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.SharedTeachers;
import dev.preceptor.train.StepTimer;
import dev.preceptor.train.Training;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Runs a study: every unfinished trial, one or several at a time, then the comparison of all finished ones. The same call
 * continues a study that was stopped or killed: finished trials keep their bytes, interrupted ones are resumed.
 */
public final class StudyRun {
    private final Study study;
    private final StudyOptions options;
    private final StudyListener listener;
    private final BooleanSupplier stopRequested;
    private final StudyFolder folder;
    private final TrialExecutor executor;
    private final StudyLeakage leakage;
    /** After an unexpected error nobody compares the trials, so that those that run stop at their next checkpoint. */
    private volatile boolean hasFailed;

    private StudyRun(
            Study study,
            StudyOptions options,
            StudyListener listener,
            BooleanSupplier stopRequested,
            TrialExecutor executor) {
        this.study = study;
        this.options = options;
        this.listener = listener;
        this.stopRequested = stopRequested;
        this.folder = new StudyFolder(options.out());
        this.executor = executor;
        this.leakage = new StudyLeakage(folder, options.mapping());
    }

    /**
     * Runs the unfinished trials, in this process if the options have one job, else in child processes. A failed trial is
     * reported and does not stop the others.
     *
     * @return the comparison; empty if a stop was requested before the end
     * @throws dev.preceptor.base.PreceptorException if study, cohort and folder do not fit together
     */
    public static Optional<StudyResult> run(
            Study study, StudyOptions options, StudyListener listener, BooleanSupplier stopRequested) {
        TrialExecutor executor = options.jobs() == 1
                ? new InProcessTrials()
                : new ChildProcessTrials(new StudyFolder(options.out()), options.heapMibEach());
        return run(study, options, listener, stopRequested, executor);
    }

    /**
     * Runs the unfinished trials with an executor of one's own.
     *
     * @param executor runs as many trials at a time as the options have jobs
     * @return the comparison; empty if a stop was requested before the end
     * @throws dev.preceptor.base.PreceptorException if study, cohort and folder do not fit together
     */
    public static Optional<StudyResult> run(
            Study study,
            StudyOptions options,
            StudyListener listener,
            BooleanSupplier stopRequested,
            TrialExecutor executor) {
        return new StudyRun(study, options, listener, stopRequested, executor).run();
    }

    /**
     * How long the unfinished trials take, from a few steps of each arm on random data. Writes nothing; makes no phantom.
     *
     * @throws dev.preceptor.base.PreceptorException if study, cohort and folder do not fit together
     */
    public static StudyForecast forecast(Study study, StudyOptions options, StudyListener listener) {
        StudyRun run = new StudyRun(study, options, listener, () -> false, new InProcessTrials());
        List<Trial> trials = study.trials();
        Optional<Cohort> cohort = run.checked(trials);
        List<Trial> toDo = new ArrayList<>(trials);
        toDo.removeAll(run.finished(
                trials, study.phantom().exists() ? Optional.of(PhantomCohorts.at(options.out())) : Optional.empty()));
        return run.forecast(toDo, cohort);
    }

    private Optional<StudyResult> run() {
        List<Trial> trials = study.trials();
        Optional<Cohort> cohort = checked(trials);
        return folder.claimed(study, () -> run(trials, cohort));
    }

    /** Checks the study before anything is written; returns its cohort, if it does not make a phantom. */
    private Optional<Cohort> checked(List<Trial> trials) {
        if (study.phantom().exists() == options.cohort().isPresent()) {
            throw new InvalidRecipeException("study " + study.name()
                    + (study.phantom().exists()
                            ? " makes its own phantom cohort; leave out --cohort, or take the phantom out of the study"
                            : " makes no phantom; name the folder of the subjects with --cohort"));
        }
        Torch.device(options.device());
        Optional<Cohort> cohort = options.cohort()
                .map(path -> Cohort.open(
                        path,
                        options.schema(),
                        () -> requireSoundRecipes(trials, PhantomCohort.LABELS),
                        ScanCache.ofUser(line -> {})));
        requireSoundRecipes(trials, cohort.map(Cohort::schema).orElse(PhantomCohort.LABELS));
        cohort.ifPresent(subjects -> requireFitting(subjects, trials));
        return cohort;
    }

    private StudyForecast forecast(List<Trial> toDo, Optional<Cohort> cohort) {
        Torch.useThreads(options.threadsEach());
        StepTimer timer = new StepTimer(cohort.map(Cohort::schema).orElse(PhantomCohort.LABELS), options.device());
        return StudyForecast.of(
                toDo,
                timer,
                recipe -> StudyForecast.trainingSubjects(
                        cohort.map(subjects -> SubjectSelection.of(subjects, TrainingNeeds.of(recipe))
                                        .labelled()
                                        .size())
                                .orElse(study.phantom().subjects()),
                        study.folds(),
                        recipe.sampling(),
                        recipe.validation()),
                options.jobs());
    }

    /** Every arm that has something left to train is checked before the volumes of a cohort are read or made. */
    private void requireSoundRecipes(List<Trial> trials, LabelSpace labels) {
        Map<String, Trial> toDo = new LinkedHashMap<>();
        trials.stream()
                .filter(trial -> !Files.exists(TrialScores.file(folder.trial(trial.name()))))
                .forEach(trial -> toDo.putIfAbsent(trial.arm(), trial));
        toDo.forEach((arm, trial) -> {
            try {
                if (trial.owner().isPresent()) {
                    SharedTeachers.check(trial.recipe(), trial.owner().get().recipe(), labels);
                } else {
                    Training.check(trial.recipe(), labels);
                }
            } catch (PreceptorException e) {
                throw new InvalidRecipeException("study " + study.name() + ": arm " + arm + ": " + e.getMessage(), e);
            }
        });
    }

    /** The arms must use the same subjects: otherwise their folds differ, and their scores cannot be compared. */
    private void requireFitting(Cohort cohort, List<Trial> trials) {
        Map<String, List<String>> used = new LinkedHashMap<>();
        for (Trial trial : trials) {
            used.computeIfAbsent(
                    trial.arm(),
                    arm -> SubjectSelection.of(cohort, TrainingNeeds.of(trial.recipe()))
                            .labelled());
        }
        Map.Entry<String, List<String>> first = used.entrySet().iterator().next();
        used.forEach((arm, subjects) -> {
            if (!subjects.equals(first.getValue())) {
                throw new InvalidCohortException(cohort.root() + ": arm " + first.getKey() + " can use "
                        + first.getValue().size() + " labelled subjects and arm " + arm + " " + subjects.size()
                        + ", so their scores would not be comparable; leave out the subjects that lack a sequence");
            }
        });
        Patients usable = Patients.of(first.getValue());
        if (usable.count() < study.folds().count()) {
            throw new InvalidCohortException(cohort.root() + " has " + usable.counted("subjects")
                    + " that the study can use, too few for " + study.folds().count() + " folds");
        }
    }

    private Optional<StudyResult> run(List<Trial> trials, Optional<Cohort> cohort) {
        Optional<PhantomCohorts> phantom = study.phantom().exists()
                ? Optional.of(PhantomCohorts.in(
                        options.out(), study.phantom().recipe(), study.phantom().unseen(), listener))
                : Optional.empty();
        List<Trial> toDo = new ArrayList<>(trials);
        toDo.removeAll(finished(trials, phantom));
        listener.planned(toDo.size(), trials.size() - toDo.size());
        if (!toDo.isEmpty()) {
            listener.forecast(forecast(toDo, cohort));
        }
        TrialQueue queue = new TrialQueue(toDo);
        int workers = Math.min(options.jobs(), toDo.size());
        List<TrialState> failed =
                Parallel.map(Collections.nCopies(workers, queue), options.jobs(), jobs -> work(jobs, phantom)).stream()
                        .flatMap(List::stream)
                        .filter(state -> !state.hasFinished())
                        .toList();
        if (stopRequested.getAsBoolean()) {
            return Optional.empty();
        }
        List<TrialState> states = trials.stream()
                .map(trial -> failed.stream()
                        .filter(state -> state.name().equals(trial.name()))
                        .findFirst()
                        .orElseGet(() -> TrialState.finished(trial)))
                .toList();
        return Optional.of(compare(states, phantom));
    }

    /**
     * The finished trials.
     *
     * @throws MismatchException if one was trained with another recipe or cohort, or its leakage cannot be sought again
     */
    private List<Trial> finished(List<Trial> trials, Optional<PhantomCohorts> phantom) {
        List<Trial> finished = new ArrayList<>();
        Optional<String> fingerprint = Optional.empty();
        for (Trial trial : trials) {
            Path place = folder.trial(trial.name());
            Optional<TrialScores> scores = TrialScores.in(place);
            if (scores.isEmpty()) {
                continue;
            }
            if (fingerprint.isEmpty()) {
                fingerprint = Optional.of(fingerprint(phantom));
            }
            requireSame(scores.get().recipe().equals(trial.recipe().hash()), place, "recipe");
            requireSame(scores.get().teachers().equals(trial.teachersRecipe()), place, "origin of its teachers");
            requireSame(scores.get().cohort().equals(fingerprint.get()), place, "cohort");
            leakage.requireKnown(scores.get());
            finished.add(trial);
        }
        return finished;
    }

    /** The fingerprint of the cohort as a training sees it. */
    private String fingerprint(Optional<PhantomCohorts> phantom) {
        ScanCache cache = ScanCache.ofUser(line -> {});
        Cohort cohort = Cohort.open(training(phantom), options.schema(), () -> {}, cache)
                .withUnlabelled(options.unlabelled());
        return CohortSummary.of(cohort, cache).fingerprint().hash();
    }

    private static void requireSame(boolean same, Path place, String what) {
        if (!same) {
            throw new MismatchException(place + ": was finished with another " + what
                    + " than the study has now; name a new folder with --out, or remove this folder to run the"
                    + " trial again");
        }
    }

    private Path training(Optional<PhantomCohorts> phantom) {
        return phantom.map(PhantomCohorts::training).or(options::cohort).orElseThrow();
    }

    private Path scored(Optional<PhantomCohorts> phantom, boolean byFolds) {
        return phantom.filter(cohorts -> !byFolds).map(PhantomCohorts::unseen).orElse(training(phantom));
    }

    /** Runs trials until none is left; returns how they ended. */
    private List<TrialState> work(TrialQueue queue, Optional<PhantomCohorts> phantom) {
        List<TrialState> ended = new ArrayList<>();
        for (Optional<Trial> next = queue.next(); next.isPresent(); next = queue.next()) {
            try {
                run(next.get(), phantom).ifPresent(ended::add);
            } catch (RuntimeException | Error e) {
                hasFailed = true;
                throw e;
            } finally {
                queue.ended(next.get());
            }
        }
        return ended;
    }

    /** The end of a trial; empty if it was stopped or not started. */
    private Optional<TrialState> run(Trial trial, Optional<PhantomCohorts> phantom) {
        if (isStopping()) {
            return Optional.empty();
        }
        TrialState state;
        try {
            TrialJob job = job(trial, phantom);
            trial.recipe().write(job.recipe());
            Optional<byte[]> scores = executor.run(job, listener, this::isStopping);
            if (scores.isPresent()) {
                TrialScores.keep(scores.get(), trial, job.folder());
                state = TrialState.finished(trial);
            } else if (isStopping()) {
                return Optional.empty();
            } else {
                state = TrialState.failed(trial, "was stopped before its end; run the study again to resume it");
            }
        } catch (RuntimeException | OutOfMemoryError | LinkageError | StackOverflowError e) {
            state = TrialState.failed(trial, ErrorLine.of(e));
        }
        synchronized (listener) {
            listener.ended(state);
        }
        return Optional.of(state);
    }

    private boolean isStopping() {
        return hasFailed || stopRequested.getAsBoolean();
    }

    private TrialJob job(Trial trial, Optional<PhantomCohorts> phantom) {
        Path training = training(phantom);
        Path scored = scored(phantom, trial.fold().isPresent());
        Optional<Path> teachers = trial.owner().map(owner -> folder.trial(owner.name()));
        teachers.filter(owner -> !Files.exists(TrialScores.file(owner))).ifPresent(owner -> {
            throw new PreceptorException("its teachers are those of " + owner.getFileName()
                    + ", which has not finished; run the study again once that trial can");
        });
        return new TrialJob(
                trial.name(),
                trial.fold(),
                folder.job(trial.name(), "yaml"),
                folder.trial(trial.name()),
                folder.job(trial.name(), "lock"),
                training,
                scored,
                phantom.map(cohorts -> PhantomCohorts.truth(scored)),
                options.mapping(),
                study.convention(),
                options.device(),
                options.threadsEach(),
                options.schema(),
                options.unlabelled(),
                teachers);
    }

    private StudyResult compare(List<TrialState> states, Optional<PhantomCohorts> phantom) {
        List<TrialScores> scores = states.stream()
                .filter(TrialState::hasFinished)
                .map(state -> TrialScores.in(folder.trial(state.name())).orElseThrow())
                .toList();
        Path scored = scored(phantom, !study.folds().choices().isEmpty());
        StudyResult result = StudyResult.of(study, states, leakage.of(scores, scored, options.schema()));
        StudyFiles.write(result, options.out());
        Optional<Path> truth = phantom.map(cohorts -> PhantomCohorts.truth(scored));
        new StudyReport(study, result, new StudyGallery(result, options.out(), scored, truth, options.schema()))
                .write();
        return result;
    }
}
