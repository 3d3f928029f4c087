package dev.preceptor.metrics;

import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Size;
import java.util.BitSet;
import java.util.Optional;

/**
 * The lesion-wise scores of BraTS 2023 (GLI, SSA and PED): each lesion of the reference, joined with what lies within a few
 * voxels, is scored against the whole predicted pieces that touch it; a predicted piece that touches none costs as much
 * as a lesion missed.
 *
 * @param dice mean over kept lesions and false pieces; 1 if there are neither
 * @param hd95Mm the same mean of HD95 ({@link Hausdorff#HD95_DEEPMIND}), 374 for a lesion or piece without partner
 * @param found kept lesions that some predicted piece touches
 * @param missed kept lesions that none touches
 * @param falsePieces predicted pieces that touch no lesion, whatever their size
 */
public record LesionWise2023(double dice, double hd95Mm, int found, int missed, int falsePieces) {
    /** What a missed lesion or a false piece adds to the distances, in millimetres. */
    public static final double PENALTY_MM = 374;

    private static final int DILATION = 3;
    /** Lesions of this many voxels or fewer are left out of the sums. */
    private static final int IGNORED_VOXELS = 50;

    /** Scores a prediction against a reference on their common grid. */
    public static LesionWise2023 of(BitSet prediction, BitSet reference, Grid grid) {
        Optional<MaskPair> cropped = MaskPair.cropped(prediction, reference, grid.size(), 2 * DILATION + 1);
        return cropped.map(masks -> score(masks, new Grid(masks.size(), grid.affine())))
                .orElse(new LesionWise2023(1, 0, 0, 0, 0));
    }

    private static LesionWise2023 score(MaskPair masks, Grid grid) {
        Size size = grid.size();
        BitSet grown = Morphology.dilated(masks.reference(), size, Connectivity.EDGES, DILATION);
        ConnectedComponents lesions = ConnectedComponents.of(grown, size, Connectivity.CORNERS);
        ConnectedComponents pieces = ConnectedComponents.of(masks.prediction(), size, Connectivity.CORNERS);
        BitSet touched = new BitSet();
        double dice = 0;
        double distance = 0;
        int found = 0;
        int missed = 0;
        for (int number = 1; number <= lesions.count(); number++) {
            BitSet lesion = lesions.mask(number);
            lesion.and(masks.reference());
            BitSet touching = piecesIn(Morphology.dilated(lesion, size, Connectivity.EDGES, DILATION), pieces);
            touched.or(touching);
            if (lesion.cardinality() <= IGNORED_VOXELS) {
                continue;
            }
            if (touching.isEmpty()) {
                missed++;
                distance += PENALTY_MM;
                continue;
            }
            found++;
            BitSet partner = new BitSet(size.voxels());
            touching.stream().forEach(piece -> partner.or(pieces.mask(piece)));
            dice += Overlap.of(partner, lesion, size.voxels()).dice();
            distance += Hausdorff.HD95_DEEPMIND.of(partner, lesion, grid);
        }
        int falsePieces = pieces.count() - touched.cardinality();
        int counted = found + missed + falsePieces;
        return counted == 0
                ? new LesionWise2023(1, 0, 0, 0, 0)
                : new LesionWise2023(
                        dice / counted, (distance + PENALTY_MM * falsePieces) / counted, found, missed, falsePieces);
    }

    private static BitSet piecesIn(BitSet region, ConnectedComponents pieces) {
        BitSet numbers = new BitSet();
        region.stream().map(pieces::at).filter(piece -> piece > 0).forEach(numbers::set);
        return numbers;
    }
}
