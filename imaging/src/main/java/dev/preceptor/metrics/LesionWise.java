package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.util.BitSet;

/**
 * The lesion-wise scores of BraTS since 2023: each lesion of the reference, joined with what lies within a few voxels, is scored
 * against the whole predicted pieces that touch it; a predicted piece that touches none costs as much as a lesion missed.
 *
 * @param dice mean over kept lesions and false pieces; 1 if there are neither
 * @param hd95Mm the same mean of HD95 ({@link Hausdorff#HD95_DEEPMIND}), the penalty for a lesion or piece without partner
 * @param surfaceDiceHalfMm the same mean of normalised surface Dice at 0.5 mm; NaN where the rules have none
 * @param surfaceDiceOneMm at 1 mm
 * @param found kept lesions that some predicted piece touches
 * @param missed kept lesions that none touches
 * @param falsePieces predicted pieces that touch no lesion, whatever their size
 */
public record LesionWise(
        double dice,
        double hd95Mm,
        double surfaceDiceHalfMm,
        double surfaceDiceOneMm,
        int found,
        int missed,
        int falsePieces) {
    /** The volume of a voxel of an oblique grid is 1 mm3 but for rounding. */
    private static final double ROUNDING = 1 + 1e-6;

    /**
     * Scores one region by itself, without joining lesions across tissues.
     *
     * @param prediction a mask on the grid
     * @param reference a mask on the grid
     */
    public static LesionWise of(BitSet prediction, BitSet reference, Grid grid, LesionRules rules, Region region) {
        return MaskPair.cropped(prediction, reference, grid.size())
                .map(masks -> {
                    Size size = masks.size();
                    LabelledComponents lesions = lesions(masks.reference(), size, rules, region);
                    LabelledComponents pieces = pieces(masks.prediction(), size, rules, region);
                    Grid cut = new Grid(size, grid.affine());
                    SurfacePair surfaces = SurfacePair.of(pieces.mask(), masks.reference(), cut);
                    return of(pieces, lesions, surfaces, cut, rules, region);
                })
                .orElseGet(() -> nothing(rules));
    }

    /** What a reference is told apart into. */
    static LabelledComponents lesions(BitSet reference, Size size, LesionRules rules, Region region) {
        return LabelledComponents.joined(reference, size, rules.dilation(region));
    }

    /** What a prediction is told apart into. */
    static LabelledComponents pieces(BitSet prediction, Size size, LesionRules rules, Region region) {
        return rules.joinsPieces()
                ? LabelledComponents.joined(prediction, size, rules.dilation(region))
                        .largerThan((int) rules.ignoredMm3(region))
                : LabelledComponents.pieces(prediction, size);
    }

    /**
     * Scores pieces against lesions that have been told apart on one grid.
     *
     * @param whole the surfaces of all pieces and all lesions
     */
    static LesionWise of(
            LabelledComponents pieces,
            LabelledComponents lesions,
            SurfacePair whole,
            Grid grid,
            LesionRules rules,
            Region region) {
        double[] sums = new double[4];
        BitSet touched = new BitSet();
        int found = 0;
        int missed = 0;
        for (int number = 1; number <= lesions.count(); number++) {
            int[] lesion = lesions.places()[number - 1];
            BitSet touching = pieces.near(lesion, rules.dilation(region));
            touched.or(touching);
            if (lesion.length * grid.voxelVolume() <= rules.ignoredMm3(region) * ROUNDING) {
                continue;
            }
            if (touching.isEmpty()) {
                missed++;
                continue;
            }
            found++;
            boolean isAll = lesions.count() == 1 && touching.cardinality() == pieces.count();
            Pair pair =
                    isAll ? new Pair(pieces.mask(), lesions.mask(), whole) : Pair.of(pieces, touching, lesion, grid);
            SurfacePair surfaces = pair.surfaces;
            sums[0] += ConfusionCounts.of(pair.partner, pair.lesion, grid.size().voxels())
                    .dice();
            sums[1] += Hausdorff.HD95_DEEPMIND.of(surfaces);
            if (rules.hasSurfaceDice()) {
                sums[2] += surfaces.borderDice(0.5);
                sums[3] += surfaces.borderDice(1);
            }
        }
        int falsePieces = pieces.count() - touched.cardinality();
        int counted = found + missed + falsePieces;
        if (counted == 0) {
            return nothing(rules);
        }
        double penalties = rules.penaltyMm() * (missed + falsePieces);
        boolean hasSurfaceDice = rules.hasSurfaceDice();
        return new LesionWise(
                sums[0] / counted,
                (sums[1] + penalties) / counted,
                hasSurfaceDice ? sums[2] / counted : Double.NaN,
                hasSurfaceDice ? sums[3] / counted : Double.NaN,
                found,
                missed,
                falsePieces);
    }

    private static LesionWise nothing(LesionRules rules) {
        double surfaceDice = rules.hasSurfaceDice() ? 1 : Double.NaN;
        return new LesionWise(1, 0, surfaceDice, surfaceDice, 0, 0, 0);
    }

    /** A lesion and the pieces that touch it, on the grid of the box around both. */
    private record Pair(BitSet partner, BitSet lesion, SurfacePair surfaces) {
        static Pair of(LabelledComponents pieces, BitSet touching, int[] lesion, Grid grid) {
            Size size = grid.size();
            int[][] partners = pieces.places(touching);
            Box box = LabelledComponents.around(size, partners).union(LabelledComponents.around(size, lesion));
            BitSet partner = LabelledComponents.cut(size, box, partners);
            BitSet own = LabelledComponents.cut(size, box, lesion);
            return new Pair(partner, own, SurfacePair.of(partner, own, grid.crop(box)));
        }
    }
}
