package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.DistanceTransform;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The 95th percentile of the distances between the surfaces of two masks, in millimetres, in the variants that published
 * tables use; they differ by up to a voxel. NaN if both masks are empty, infinite if one is: a {@link Convention} puts
 * its penalty there. Time linear in the masks' joint box.
 */
public enum Hausdorff {
    /**
     * MedPy: surface voxels are those that touch background through a face; the distances of both directions are pooled,
     * and their 95th percentile is interpolated.
     */
    HD95_MEDPY {
        @Override
        double between(MaskPair masks, double[] spacing) {
            double[] there = borderDistances(masks.prediction(), masks.reference(), masks.size(), spacing);
            double[] back = borderDistances(masks.reference(), masks.prediction(), masks.size(), spacing);
            double[] pooled = Arrays.copyOf(there, there.length + back.length);
            System.arraycopy(back, 0, pooled, there.length, back.length);
            Arrays.sort(pooled);
            return Quantile.of(pooled, SHARE);
        }
    },
    /**
     * DeepMind's surface distances, as BraTS 2023 uses them: surface elements on the dual grid, weighted with their
     * areas ({@link SurfaceElements}); the larger of the two directions.
     */
    HD95_DEEPMIND {
        @Override
        double between(MaskPair masks, double[] spacing) {
            SurfaceElements elements = new SurfaceElements(spacing);
            Dual prediction = Dual.of(masks.prediction(), masks.size());
            Dual reference = Dual.of(masks.reference(), masks.size());
            return Math.max(
                    prediction.percentileTo(reference, elements, spacing),
                    reference.percentileTo(prediction, elements, spacing));
        }
    },
    /** MONAI: surface voxels as in MedPy, the percentile of each direction by itself, and the larger of the two. */
    HD95_MONAI {
        @Override
        double between(MaskPair masks, double[] spacing) {
            double[] there = borderDistances(masks.prediction(), masks.reference(), masks.size(), spacing);
            double[] back = borderDistances(masks.reference(), masks.prediction(), masks.size(), spacing);
            Arrays.sort(there);
            Arrays.sort(back);
            return Math.max(Quantile.of(there, SHARE), Quantile.of(back, SHARE));
        }
    };

    private static final double SHARE = 0.95;

    /**
     * The distance between two masks on one grid.
     *
     * @return millimetres; NaN if both are empty, positive infinity if one is
     */
    public double of(BitSet prediction, BitSet reference, Grid grid) {
        if (prediction.length() > grid.size().voxels()
                || reference.length() > grid.size().voxels()) {
            throw new MismatchException("a mask reaches beyond its grid of " + grid.size() + " voxels");
        }
        if (prediction.isEmpty() && reference.isEmpty()) {
            return Double.NaN;
        }
        if (prediction.isEmpty() || reference.isEmpty()) {
            return Double.POSITIVE_INFINITY;
        }
        MaskPair masks = MaskPair.cropped(prediction, reference, grid.size(), 1).orElseThrow();
        return between(masks, grid.spacing());
    }

    abstract double between(MaskPair masks, double[] spacing);

    /** From each surface voxel of one mask to the nearest surface voxel of the other. */
    private static double[] borderDistances(BitSet from, BitSet to, Size size, double[] spacing) {
        double[] squared = DistanceTransform.squared(Morphology.border(to, size), size, spacing);
        return Morphology.border(from, size).stream()
                .mapToDouble(i -> Math.sqrt(squared[i]))
                .toArray();
    }

    /** The cells of the dual grid that a mask's surface crosses, with their corner codes. */
    private record Dual(BitSet crossed, byte[] codes, Size size) {
        static Dual of(BitSet mask, Size grid) {
            Size size = new Size(grid.x() + 1, grid.y() + 1, grid.z() + 1);
            byte[] codes = new byte[size.voxels()];
            for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
                int x = i % grid.x();
                int y = i / grid.x() % grid.y();
                int z = i / (grid.x() * grid.y());
                for (int corner = 0; corner < 8; corner++) {
                    int cell = size.index(x + 1 - (corner & 1), y + 1 - (corner >> 1 & 1), z + 1 - (corner >> 2));
                    codes[cell] |= (byte) (1 << corner);
                }
            }
            BitSet crossed = new BitSet(codes.length);
            for (int i = 0; i < codes.length; i++) {
                if (codes[i] != 0 && codes[i] != (byte) 0xFF) {
                    crossed.set(i);
                }
            }
            return new Dual(crossed, codes, size);
        }

        /** The smallest distance within which 95 % of this surface's area lie from the other. */
        double percentileTo(Dual other, SurfaceElements elements, double[] spacing) {
            double[] squared = DistanceTransform.squared(other.crossed, size, spacing);
            int[] cells = crossed.stream().toArray();
            int[] order = IntStream.range(0, cells.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> squared[cells[i]])
                            .thenComparingDouble(i -> elements.area(codes[cells[i]] & 0xFF)))
                    .mapToInt(i -> cells[i])
                    .toArray();
            double total = 0;
            double[] cumulative = new double[order.length];
            for (int i = 0; i < order.length; i++) {
                total += elements.area(codes[order[i]] & 0xFF);
                cumulative[i] = total;
            }
            int at = 0;
            while (at < order.length - 1 && cumulative[at] / total < SHARE) {
                at++;
            }
            return Math.sqrt(squared[order[at]]);
        }
    }
}
