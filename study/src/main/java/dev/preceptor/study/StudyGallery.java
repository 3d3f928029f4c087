package dev.preceptor.study;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.Subject;
import dev.preceptor.html.Block;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.report.Gallery;
import dev.preceptor.report.ViewCommandLine;
import dev.preceptor.statistics.Spread;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The slices in the report of a study: the subjects with the lowest Dice of its students.
 *
 * @param result of the study
 * @param folder of the study
 * @param scored folder of the scored cohort
 * @param truth folder of the true labels; empty if the label maps of {@code scored} are the reference
 * @param schema label schema of {@code scored}; empty to decide it
 */
record StudyGallery(StudyResult result, Path folder, Path scored, Optional<Path> truth, Optional<LabelSpace> schema) {
    private static final int DRAWN = 12;
    private static final int STUDENTS = 2;

    /** A note and the gallery; or a note alone that says why nothing could be drawn. */
    List<Block> blocks() {
        List<Series> shown = shown();
        List<String> ids = worstFirst(shown);
        if (ids.isEmpty()) {
            return List.of(new Block.Note("No subject was scored."));
        }
        List<String> drawn = ids.subList(0, Math.min(DRAWN, ids.size()));
        try {
            Cohort cohort = Cohort.open(scored, schema);
            Optional<LabelFiles> labels = truth.map(LabelFiles::at);
            Gallery gallery = Gallery.of(drawn, id -> subject(id, cohort.subject(id), labels, shown));
            return List.of(new Block.Note(lead(shown, ids.size() - drawn.size())), gallery);
        } catch (PreceptorException e) {
            return List.of(new Block.Note("The slices could not be drawn: " + e.getMessage()));
        }
    }

    private String lead(List<Series> shown, int subjectsLeft) {
        int seriesLeft = result.series().size() - shown.size();
        return "Sorted by the mean of " + new StudyTables(result).name(Metric.DICE)
                + " over the regions and the students shown, worst first"
                + (subjectsLeft > 0 ? "; " + subjectsLeft + " better subjects are left out" : "")
                + (seriesLeft > 0
                        ? "; " + seriesLeft
                                + " networks are left out, the baseline and those with the highest Dice shown"
                        : "")
                + ". Each network is that of the first finished trial that scored the subject. The slices are those with"
                + " most labelled voxels, the patient's right on the left. The numbers are volumetric Dice, and ml of the reference.";
    }

    /** The baseline, the students with the highest Dice in the order of arms, and the teacher with the highest Dice. */
    private List<Series> shown() {
        List<Series> scored =
                result.series().stream().filter(one -> !one.cells().isEmpty()).toList();
        List<Series> best = scored.stream()
                .filter(one -> one.shipped() && !isBaseline(one))
                .sorted(Comparator.comparingDouble(this::dice).reversed())
                .limit(STUDENTS)
                .toList();
        List<Series> shown =
                new ArrayList<>(scored.stream().filter(this::isBaseline).toList());
        scored.stream().filter(best::contains).forEach(shown::add);
        scored.stream()
                .filter(one -> !one.shipped())
                .max(Comparator.comparingDouble(this::dice))
                .ifPresent(shown::add);
        return shown;
    }

    private boolean isBaseline(Series series) {
        return series.name().equals(result.baseline());
    }

    private double dice(Series series) {
        return Spread.of(result.regions().stream()
                        .map(region -> result.summary(series.name(), region, Metric.DICE)
                                .mean())
                        .toList())
                .mean();
    }

    private List<String> worstFirst(List<Series> shown) {
        List<Series> judged =
                shown.stream().filter(one -> one.shipped() && !isBaseline(one)).toList();
        List<Series> judges =
                judged.isEmpty() ? shown.stream().filter(Series::shipped).toList() : judged;
        TreeSet<String> ids = new TreeSet<>();
        shown.forEach(one -> ids.addAll(one.subjects()));
        Map<String, Double> meanDice = new LinkedHashMap<>();
        for (String id : ids) {
            List<Double> values = new ArrayList<>();
            for (Series one : judges) {
                result.regions().forEach(region -> values.add(one.means(region, Metric.DICE, List.of(id))[0]));
            }
            meanDice.put(id, Spread.of(values).mean());
        }
        return ids.stream().sorted(Comparator.comparingDouble(meanDice::get)).toList();
    }

    private Gallery.Patient subject(String id, Subject subject, Optional<LabelFiles> labels, List<Series> shown) {
        LabelMap reference = labels.map(files -> files.byId().get(id))
                .map(file -> Nifti.readLabelMap(file, subject.schema()))
                .orElseGet(subject::labels);
        Sequence seen = seen(subject, shown);
        Map<String, LabelMap> candidates = new LinkedHashMap<>();
        List<Path> files = new ArrayList<>();
        for (Series one : shown) {
            prediction(one, id).ifPresent(file -> {
                files.add(file);
                LabelMap predicted = Nifti.readLabelMap(file, subject.schema());
                candidates.put(one.name(), new LabelMap(reference.grid(), predicted.voxels(), predicted.schema()));
            });
        }
        labels.map(all -> all.byId().get(id)).or(subject::labelFile).ifPresent(files::add);
        return new Gallery.Patient(
                id,
                seen.name(),
                subject.volume(seen),
                reference,
                candidates,
                ViewCommandLine.of(subject.images().get(seen), files, subject.schema()));
    }

    private static Sequence seen(Subject subject, List<Series> shown) {
        return shown.stream()
                .filter(Series::shipped)
                .flatMap(one -> one.inputs().stream())
                .map(Sequence::of)
                .filter(subject.images()::containsKey)
                .findFirst()
                .orElseGet(() -> subject.images().keySet().iterator().next());
    }

    private Optional<Path> prediction(Series one, String id) {
        return one.cells().stream()
                .map(trial -> new StudyFolder(folder).prediction(trial, one.role(), id))
                .filter(Files::exists)
                .findFirst();
    }
}
