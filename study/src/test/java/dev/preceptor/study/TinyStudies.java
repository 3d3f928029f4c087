package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.run.TrainingEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Studies that take seconds: a network of a few channels, two epochs. */
final class TinyStudies {
    static final String SET = """
            set:
              network: {widths: [2, 4], skips: 1}
              sampling: {patch: [8, 8, 8], stepsPerEpoch: 2, batch: 1}
              preprocessing: {spacing: 0}
              optimization: {epochs: 2}
              validation: {fraction: 0.25}
              checkpointEvery: 1
            """;

    /** Two arms, two folds, one seed: four trials, two of them with a teacher. */
    static final String TWO_ARMS = """
            baseline: alone
            folds: {count: 2}
            arms:
              - {name: alone, recipe: baseline-small}
              - {name: taught, recipe: kd-net-small, set: {distillation.terms: [GT, KD]}}
            """ + SET;

    private TinyStudies() {}

    static Path file(Path folder, String yaml) {
        Path file = folder.resolve("tiny.yaml");
        AtomicFiles.writeString(file, yaml);
        return file;
    }

    static Study study(Path folder, String yaml) {
        return Study.load(file(folder, yaml).toString());
    }

    /** A copy of the folder of a study, which a test can change. */
    static Path copy(Path study, Path copy) {
        try (Stream<Path> files = Files.walk(study)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path place = copy.resolve(study.relativize(file).toString());
                Files.createDirectories(place.getParent());
                Files.copy(file, place);
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StudyOptions options(Path out, Path cohort, int jobs) {
        return new StudyOptions(out, Optional.of(cohort), Optional.empty(), "cpu", jobs, jobs, 0);
    }

    /** Records the ends of trials. */
    static final class Listener implements StudyListener {
        final List<TrialState> ended = Collections.synchronizedList(new ArrayList<>());
        Optional<StudyForecast> forecast = Optional.empty();
        int planned = -1;
        int before = -1;

        @Override
        public void planned(int toDo, int finishedBefore) {
            planned = toDo;
            before = finishedBefore;
        }

        @Override
        public void forecast(StudyForecast given) {
            forecast = Optional.of(given);
        }

        @Override
        public void ended(TrialState trial) {
            ended.add(trial);
        }

        @Override
        public void began(String part) {}

        @Override
        public void advanced(String part, String subject, int done, int total) {}

        @Override
        public void trained(TrainingEvent event) {}
    }
}
