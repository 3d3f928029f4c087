package dev.preceptor.cohort;

import dev.preceptor.base.Parallel;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.table.TextTable;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * Which sequence shows which class of lesion: contrast and volume of each labelled class, and how much they vary between the
 * subjects of a cohort.
 *
 * @param volumes in the order of the label values, in millilitres
 * @param contrasts by class, then by sequence, where a subject has both
 */
public record CohortContrast(List<ClassVolume> volumes, List<ClassContrast> contrasts) {
    public CohortContrast {
        volumes = List.copyOf(volumes);
        contrasts = List.copyOf(contrasts);
    }

    /**
     * A figure over subjects.
     *
     * @param count of subjects that have it
     * @param mean NaN without a subject
     * @param std sample standard deviation between subjects (divisor {@code count - 1}); NaN for fewer than two
     */
    public record Spread(int count, double mean, double std) {
        static Spread of(DoubleStream figures) {
            double[] values = figures.toArray();
            double mean = DoubleStream.of(values).average().orElse(Double.NaN);
            double squares =
                    DoubleStream.of(values).map(v -> (v - mean) * (v - mean)).sum();
            return new Spread(
                    values.length, mean, values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1)));
        }

        private TableCell cell(int decimals) {
            return new TableCell.Mean(mean, std, decimals);
        }

        private Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("mean", mean);
            map.put("std", std);
            return map;
        }
    }

    /**
     * The volume of a class over the labelled subjects.
     *
     * @param ml in millilitres; a subject without the class counts as 0
     */
    public record ClassVolume(LabelClass labelClass, Spread ml) {}

    /**
     * The contrast of a class in a sequence over the subjects that have both.
     *
     * @param z mean z-score of the class in a subject; mean and standard deviation are those of the non-zero voxels of the
     *     image
     * @param within standard deviation of the z-scores of the class within a subject
     * @param auc the probability that a voxel of the class is brighter than a voxel of the healthy brain (non-zero, without
     *     label) of the same subject: 1 if it always is, 0 if it never is, 0.5 if the sequence does not tell
     */
    public record ClassContrast(LabelClass labelClass, Sequence sequence, Spread z, Spread within, Spread auc) {}

    /**
     * Reads the images of all labelled subjects on the given number of threads, one image in memory for each. Images and label
     * maps that cannot be read are left out; {@link CohortSummary} names them.
     */
    public static CohortContrast of(Cohort cohort, int threads) {
        List<SubjectContrast> subjects = Parallel.map(cohort.subjects(), threads, SubjectContrast::read).stream()
                .flatMap(Optional::stream)
                .toList();
        return of(cohort, subjects);
    }

    private static CohortContrast of(Cohort cohort, List<SubjectContrast> subjects) {
        List<ClassVolume> volumes = new ArrayList<>();
        List<ClassContrast> contrasts = new ArrayList<>();
        List<LabelClass> classes = cohort.schema().values().values().stream()
                .filter(one -> !one.equals(LabelClass.IGNORE))
                .distinct()
                .toList();
        for (LabelClass one : classes) {
            volumes.add(new ClassVolume(
                    one,
                    Spread.of(subjects.stream()
                            .mapToDouble(subject -> subject.volumes().get(one)))));
            for (Sequence sequence : cohort.sequences()) {
                List<SubjectContrast.Contrast> found = subjects.stream()
                        .map(subject -> subject.contrasts()
                                .getOrDefault(sequence, Map.of())
                                .get(one))
                        .flatMap(contrast -> Optional.ofNullable(contrast).stream())
                        .toList();
                if (!found.isEmpty()) {
                    contrasts.add(new ClassContrast(
                            one,
                            sequence,
                            Spread.of(found.stream().mapToDouble(SubjectContrast.Contrast::z)),
                            Spread.of(found.stream().mapToDouble(SubjectContrast.Contrast::within)),
                            Spread.of(found.stream().mapToDouble(SubjectContrast.Contrast::auc))));
                }
            }
        }
        return new CohortContrast(volumes, contrasts);
    }

    /** The contrasts, a row for each class and sequence: {@code n} subjects, mean ± standard deviation between them. */
    public Table table() {
        return new Table(
                "Contrast of the labelled classes",
                List.of(
                        Table.Column.words("class"),
                        Table.Column.words("sequence"),
                        Table.Column.numbers("n"),
                        Table.Column.numbers("z"),
                        Table.Column.numbers("SD within"),
                        Table.Column.numbers("AUC")),
                contrasts.stream()
                        .map(row -> Table.row(
                                TableCell.of(row.labelClass().name()),
                                TableCell.of(row.sequence().name()),
                                TableCell.of(row.z().count()),
                                row.z().cell(2),
                                TableCell.of(row.within().mean(), 2),
                                row.auc().cell(2)))
                        .toList());
    }

    /** The volumes, a row for each class. */
    public Table volumeTable() {
        return new Table(
                "Volumes of the labelled classes",
                List.of(Table.Column.words("class"), Table.Column.numbers("n"), Table.Column.numbers("volume", "ml")),
                volumes.stream()
                        .map(row -> Table.row(
                                TableCell.of(row.labelClass().name()),
                                TableCell.of(row.ml().count()),
                                row.ml().cell(1)))
                        .toList());
    }

    /** Both tables as text. */
    public String toText() {
        int width = volumes.stream()
                .mapToInt(row -> row.labelClass().name().length())
                .reduce(8, Math::max);
        return "contrast: z scores over non-zero voxels, AUC against voxels without label; mean \u00b1 SD between subjects\n"
                + new TextTable(NumberStyle.PLAIN, " ", List.of(width, 8, 4, 15, 10, 14)).render(table())
                + "\n"
                + new TextTable(NumberStyle.PLAIN, " ", List.of(width, 4, 16)).render(volumeTable());
    }

    /** Both tables for JSON, at full precision: by class the volume, and the contrast in each sequence. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        for (ClassVolume volume : volumes) {
            Map<String, Object> ml = new LinkedHashMap<>(Map.of("n", volume.ml().count()));
            ml.putAll(volume.ml().toMap());
            Map<String, Object> sequences = new LinkedHashMap<>();
            contrasts.stream()
                    .filter(row -> row.labelClass().equals(volume.labelClass()))
                    .forEach(row -> sequences.put(row.sequence().name(), toMap(row)));
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("volume_ml", ml);
            entry.put("sequences", sequences);
            map.put(volume.labelClass().name(), entry);
        }
        return map;
    }

    private static Map<String, Object> toMap(ClassContrast row) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("n", row.z().count());
        map.put("z", row.z().toMap());
        map.put("within", row.within().toMap());
        map.put("auc", row.auc().toMap());
        return map;
    }
}
