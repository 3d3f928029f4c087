package dev.preceptor.quality;

import dev.preceptor.base.InvalidRecipeException;
import java.util.List;

/**
 * Maps the promised Dice of a region, which calibrated probabilities estimate (times the agreement of the mirrored passes, if there are
 * any), to its expected Dice: {@code promised + offset + slope (promised - centre)}. The line is fitted on validation subjects by ridge
 * regression of the difference; its interval is a quantile of the residuals of subjects that are left out of the fit in turn (conformal
 * prediction by the jackknife; Barber et al., Annals of Statistics 49(1), 2021).
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

    /** The share of subjects that an interval should hold, if there are enough subjects to promise it. */
    static final double COVERAGE = 0.9;

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
     * The line without its interval.
     *
     * @param centre mean promised Dice
     * @param offset mean of the actual less the promised Dice
     * @param slope of the difference
     */
    record Line(double centre, double offset, double slope) {
        static Line of(double[] promised, double[] actual) {
            return without(promised, actual, -1);
        }

        /** Fits the line to all subjects but one. */
        static Line without(double[] promised, double[] actual, int leftOut) {
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
            return new Line(centre, offset, products / squares);
        }

        /** The expected Dice, 0 to 1. */
        double dice(double promised) {
            return Math.max(0, Math.min(1, promised + offset + slope * (promised - centre)));
        }

        RegionQuality quality(double halfWidth, double coverage, int subjects) {
            return new RegionQuality(
                    ImageReference.rounded(centre),
                    ImageReference.rounded(offset),
                    ImageReference.rounded(slope),
                    halfWidth,
                    coverage,
                    subjects);
        }
    }

    /**
     * Fits the map of one region.
     *
     * @param promised Dice of at least {@link #LEAST_SUBJECTS} subjects
     * @param actual their Dice
     */
    static RegionQuality fit(double[] promised, double[] actual) {
        return new ShiftFit(promised, actual, List.of(), List.of()).fit().quality();
    }

    /** The expected Dice of a subject, 0 to 1. */
    double dice(double promised) {
        return new Line(centre, offset, slope).dice(promised);
    }
}
