package dev.preceptor.statistics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The share of the gap between a baseline and a teacher that a student closes. Where the teacher is not clearly ahead, a share
 * of the gap means nothing: there is none unless the interval of the gap lies on the teacher's side of 0.
 *
 * @param count of subjects with a value in all three
 * @param gap mean of teacher minus baseline, in the unit of the score
 * @param gapInterval of the gap, by bootstrap over the subjects
 * @param share of the gap that the student closes: 0 is the baseline, 1 the teacher; NaN where there is no gap
 * @param interval of the share, by bootstrap over the subjects; NaN where the share is
 */
public record GapClosed(int count, double gap, Interval gapInterval, double share, Interval interval) {
    /** Whether the teacher is ahead of the baseline, by the interval of the gap. */
    public boolean exists() {
        return !Double.isNaN(share);
    }

    /**
     * Computes the share from the values of the same subjects in the same order.
     *
     * @param baseline a value for each subject; NaN counts as absent
     * @param student values of the student
     * @param teacher values of the teacher
     * @param higherIsBetter whether a higher value is better
     */
    public static GapClosed of(
            double[] baseline, double[] student, double[] teacher, boolean higherIsBetter, Bootstrap bootstrap) {
        if (student.length != baseline.length || teacher.length != baseline.length) {
            throw new IllegalArgumentException(
                    baseline.length + ", " + student.length + " and " + teacher.length + " values");
        }
        int[] present = IntStream.range(0, baseline.length)
                .filter(i -> !Double.isNaN(baseline[i] + student[i] + teacher[i]))
                .toArray();
        double gap = mean(present, teacher) - mean(present, baseline);
        Interval gapInterval = bootstrap.ofMean(Arrays.stream(present)
                .mapToDouble(i -> teacher[i] - baseline[i])
                .toArray());
        if (!(higherIsBetter ? gapInterval.low() > 0 : gapInterval.high() < 0)) {
            return new GapClosed(present.length, gap, gapInterval, Double.NaN, Interval.NONE);
        }
        return new GapClosed(
                present.length,
                gap,
                gapInterval,
                share(present, baseline, student, teacher),
                bootstrap.of(
                        present.length,
                        drawn -> share(
                                Arrays.stream(drawn).map(i -> present[i]).toArray(), baseline, student, teacher)));
    }

    private static double share(int[] subjects, double[] baseline, double[] student, double[] teacher) {
        double from = mean(subjects, baseline);
        return (mean(subjects, student) - from) / (mean(subjects, teacher) - from);
    }

    private static double mean(int[] subjects, double[] values) {
        return Arrays.stream(subjects).mapToDouble(i -> values[i]).average().orElse(Double.NaN);
    }
}
