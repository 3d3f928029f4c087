package dev.preceptor.quality;

import dev.preceptor.base.InvalidRecipeException;
import java.util.Arrays;

/**
 * From the Dice that calibrated probabilities promise, with mirrorings times their agreement, to the Dice that is expected: {@code promised
 * + offset + slope (promised - centre)}, fitted on validation subjects by ridge regression of the difference, with an interval from the residuals of subjects
 * that are left out of the fit in turn (split conformal prediction with the jackknife; Barber et al., Annals of Statistics 49(1),
 * 2021).
 *
 * @param centre mean promised Dice of the validation subjects
 * @param offset mean of the actual less the promised Dice
 * @param slope of the difference
 * @param halfWidth of the interval, 0 to 1
 * @param coverage share of subjects whose Dice the interval should contain, at most 0.9
 * @param subjects number of validation subjects
 */
public record RegionQuality(
        double centre, double offset, double slope, double halfWidth, double coverage, int subjects) {
    /** With fewer validation subjects nothing is fitted. */
    public static final int LEAST_SUBJECTS = 5;

    private static final double COVERAGE = 0.9;

    /** A subject whose promised Dice lies 0.2 from the mean outweighs half of it: few subjects hardly change the slope. */
    private static final double PENALTY = 0.05;

    /** @throws InvalidRecipeException if a number is out of range */
    public RegionQuality {
        boolean isFinite = Double.isFinite(centre) && Double.isFinite(offset) && Double.isFinite(slope);
        if (!isFinite || !(halfWidth >= 0 && halfWidth <= 1) || !(coverage > 0 && coverage <= 1) || subjects < 2) {
            throw new InvalidRecipeException(
                    "the quality of a region must have finite numbers and an interval of 0 to 1, not half width "
                            + halfWidth + " and coverage " + coverage);
        }
    }

    /**
     * Fits the map of one region.
     *
     * @param promised Dice of at least {@link #LEAST_SUBJECTS} subjects
     * @param actual their Dice
     */
    static RegionQuality fit(double[] promised, double[] actual) {
        int n = promised.length;
        double[] line = line(promised, actual, -1);
        double[] residuals = new double[n];
        for (int i = 0; i < n; i++) {
            double[] others = line(promised, actual, i);
            residuals[i] = Math.abs(actual[i] - value(others[0], others[1], others[2], promised[i]));
        }
        Arrays.sort(residuals);
        // The k-th smallest of n residuals covers k / (n + 1) of new subjects.
        int rank = Math.min(n, (int) Math.ceil(COVERAGE * (n + 1)));
        return new RegionQuality(
                ImageReference.rounded(line[0]),
                ImageReference.rounded(line[1]),
                ImageReference.rounded(line[2]),
                ImageReference.rounded(Math.min(1, residuals[rank - 1])),
                ImageReference.rounded(Math.min(COVERAGE, rank / (n + 1.0))),
                n);
    }

    /** Centre, offset and slope of all subjects but one. */
    private static double[] line(double[] promised, double[] actual, int leftOut) {
        double count = 0;
        double centre = 0;
        double offset = 0;
        for (int i = 0; i < promised.length; i++) {
            if (i != leftOut) {
                count++;
                centre += promised[i];
                offset += actual[i] - promised[i];
            }
        }
        centre /= count;
        offset /= count;
        double products = 0;
        double squares = PENALTY;
        for (int i = 0; i < promised.length; i++) {
            if (i != leftOut) {
                products += (promised[i] - centre) * (actual[i] - promised[i] - offset);
                squares += (promised[i] - centre) * (promised[i] - centre);
            }
        }
        return new double[] {centre, offset, products / squares};
    }

    private static double value(double centre, double offset, double slope, double promised) {
        return Math.max(0, Math.min(1, promised + offset + slope * (promised - centre)));
    }

    /** The expected Dice of a subject, 0 to 1. */
    double dice(double promised) {
        return value(centre, offset, slope, promised);
    }
}
