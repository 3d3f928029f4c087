package dev.preceptor.infer;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Runs a network over an image of any size in overlapping tiles and blends the logits with Gaussian weights, as nnU-Net v2
 * does ({@code sliding_window_prediction.py}), but in float32 and without its scaling by 10; see
 * {@code docs/reference/conventions.md}, "Sliding window". An image smaller than a tile is padded with zeros on both sides.
 * Of all tiles that are 0 everywhere one passes through the network.
 *
 * @param patch extent of a tile in voxels
 * @param overlap smallest share of a tile that its neighbour along an axis covers too, 0 to 0.9
 * @param batch number of tiles in one forward pass, at least 1
 */
public record SlidingWindow(Size patch, double overlap, int batch) {
    /** The largest number of voxels in a batch: more need memory and gain no speed. */
    private static final int MAX_BATCH_VOXELS = 64 * 64 * 64;

    public SlidingWindow {
        if (!(overlap >= 0 && overlap <= 0.9) || batch < 1) {
            throw new IllegalArgumentException("overlap " + overlap + ", batch " + batch);
        }
    }

    /** With at most {@code batch} tiles in one forward pass, and fewer of large tiles. */
    public static SlidingWindow ofBatches(Size patch, double overlap, int batch) {
        return new SlidingWindow(patch, overlap, Math.max(1, Math.min(batch, MAX_BATCH_VOXELS / patch.voxels())));
    }

    /**
     * The first voxels of the tiles along an axis, ascending: the first tile starts at 0, the last ends with the image, the
     * others are spread evenly.
     *
     * @param extent extent of the image in voxels
     * @param patch extent of a tile in voxels
     * @param overlap smallest share of a tile that its neighbour covers too, 0 to 0.9
     */
    public static int[] positions(int extent, int patch, double overlap) {
        int room = Math.max(extent - patch, 0);
        int count = (int) Math.ceil(room / Math.max(patch * (1 - overlap), 1)) + 1;
        int[] starts = new int[count];
        for (int i = 1; i < count; i++) {
            starts[i] = (int) Math.rint(i * (room / (double) (count - 1)));
        }
        return starts;
    }

    /**
     * The blending weights along an axis of a tile: a Gaussian around {@code patch / 2} with standard deviation
     * {@code patch / 8}, 1 at its maximum, never 0. The weight of a voxel is the product over the axes.
     */
    public static float[] blendingWeights(int patch) {
        float[] weights = new float[patch];
        double deviation = patch / 8.0;
        for (int i = 0; i < patch; i++) {
            double distance = (i - patch / 2) / deviation;
            weights[i] = (float) Math.exp(-0.5 * distance * distance);
        }
        return weights;
    }

    /**
     * The blended logits of an image.
     *
     * @param image [C, X, Y, Z], on the network's device
     * @param channels number of output channels of the network
     * @param network from tiles [B, C, patch] to logits [B, channels, patch]
     * @return [channels, X, Y, Z] on the image's device, owned by the innermost scope
     */
    public Tensor logits(Tensor image, int channels, UnaryOperator<Tensor> network) {
        return logits(image, channels, network, share -> {});
    }

    /**
     * As above, with progress.
     *
     * @param progress called after each forward pass with the share of tiles that are done, 0 to 1
     */
    public Tensor logits(Tensor image, int channels, UnaryOperator<Tensor> network, DoubleConsumer progress) {
        try (NoGradGuard guard = new NoGradGuard()) {
            return Tensors.scoped(() -> blend(image, channels, network, progress));
        }
    }

    private Tensor blend(Tensor image, int channels, UnaryOperator<Tensor> network, DoubleConsumer progress) {
        AxisTiling x = AxisTiling.of(image, 1, patch.x(), overlap);
        AxisTiling y = AxisTiling.of(image, 2, patch.y(), overlap);
        AxisTiling z = AxisTiling.of(image, 3, patch.z(), overlap);
        Tensor padded = torch.constant_pad_nd(
                image, new long[] {z.before, z.after(), y.before, y.after(), x.before, x.after()}, new Scalar(0.0));
        Tensor logits;
        if (x.starts.length * y.starts.length * z.starts.length == 1) {
            logits = network.apply(padded.unsqueeze(0)).squeeze(0);
            progress.accept(1);
        } else {
            logits = blend(padded, channels, network, progress, x, y, z);
        }
        return logits.narrow(1, x.before, x.extent)
                .narrow(2, y.before, y.extent)
                .narrow(3, z.before, z.extent);
    }

    private Tensor blend(
            Tensor padded,
            int channels,
            UnaryOperator<Tensor> network,
            DoubleConsumer progress,
            AxisTiling x,
            AxisTiling y,
            AxisTiling z) {
        Tensor weights = x.weights(padded, 1).mul(y.weights(padded, 2)).mul(z.weights(padded, 3));
        Tensor sum = weights.new_zeros(new long[] {channels, x.padded(), y.padded(), z.padded()});
        List<int[]> tiles = new ArrayList<>();
        List<int[]> emptyTiles = new ArrayList<>();
        for (int i : x.starts) {
            for (int j : y.starts) {
                for (int k : z.starts) {
                    int[] start = {i, j, k};
                    (isEmpty(tile(padded, start)) ? emptyTiles : tiles).add(start);
                }
            }
        }
        for (int first = 0; first < tiles.size(); first += batch) {
            int next = Math.min(first + batch, tiles.size());
            accumulate(padded, tiles.subList(first, next), network, weights, sum);
            progress.accept((double) next / tiles.size());
        }
        // The network gives the same for each tile of zeros.
        if (!emptyTiles.isEmpty()) {
            Tensor weighted = Tensors.scoped(
                    () -> network.apply(tile(padded, emptyTiles.get(0)).unsqueeze(0))
                            .squeeze(0)
                            .mul(weights));
            emptyTiles.forEach(start -> tile(sum, start).add_(weighted));
        }
        return sum.div_(x.totals(padded, 1)).div_(y.totals(padded, 2)).div_(z.totals(padded, 3));
    }

    private static boolean isEmpty(Tensor tile) {
        try (PointerScope scope = new PointerScope()) {
            return !tile.any().item_bool();
        }
    }

    private void accumulate(
            Tensor image, List<int[]> tiles, UnaryOperator<Tensor> network, Tensor weights, Tensor sum) {
        try (PointerScope scope = new PointerScope()) {
            Tensor input = Tensors.stack(tiles.stream().map(t -> tile(image, t)).toList(), 0);
            Tensor weighted = network.apply(input).mul(weights);
            for (int i = 0; i < tiles.size(); i++) {
                tile(sum, tiles.get(i)).add_(weighted.select(0, i));
            }
        }
    }

    private Tensor tile(Tensor volume, int[] start) {
        return volume.narrow(1, start[0], patch.x())
                .narrow(2, start[1], patch.y())
                .narrow(3, start[2], patch.z());
    }

    /** The tiles along one axis; {@code before} zeros are padded in front of {@code extent} voxels. */
    private record AxisTiling(int extent, int before, int patch, int[] starts) {
        static AxisTiling of(Tensor image, int axis, int patch, double overlap) {
            int extent = Math.toIntExact(image.size(axis));
            return new AxisTiling(extent, Math.max(patch - extent, 0) / 2, patch, positions(extent, patch, overlap));
        }

        int padded() {
            return Math.max(extent, patch);
        }

        int after() {
            return padded() - extent - before;
        }

        Tensor weights(Tensor like, int axis) {
            return along(blendingWeights(patch), like, axis);
        }

        /** The sum of the weights of all tiles at each voxel; it factors over the axes because the tiles form a grid. */
        Tensor totals(Tensor like, int axis) {
            float[] weights = blendingWeights(patch);
            float[] totals = new float[padded()];
            for (int start : starts) {
                for (int i = 0; i < patch; i++) {
                    totals[start + i] += weights[i];
                }
            }
            return along(totals, like, axis);
        }

        private static Tensor along(float[] values, Tensor like, int axis) {
            long[] shape = {1, 1, 1, 1};
            shape[axis] = values.length;
            return Tensors.of(values, shape).to(like.device(), like.scalar_type());
        }
    }
}
