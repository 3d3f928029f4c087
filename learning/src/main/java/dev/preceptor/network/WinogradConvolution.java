package dev.preceptor.network;

import dev.preceptor.network.WinogradTransform.PlaneMap;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.tensor.Tensors;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A 3x3x3 convolution by Winograd's minimal filtering along X (docs/decisions/028): each tile of four planes [Y, Z] of the output is a
 * linear map of six planes, each of them a 3x3 convolution of a linear map of six planes of the input. That is half of the products of
 * the direct convolution, forward and for both gradients; oneDNN computes the 3x3 convolutions, {@link WinogradTransform} the maps.
 *
 * <p>Shapes for which the maps cost more than they save are convolved directly. The choice depends on the shape alone, so that the same
 * input gives the same bytes on every machine of one kind.
 *
 * @param direct the convolution
 */
public record WinogradConvolution(Convolution direct) implements ConvolutionOp {
    /** With fewer channels a map of a plane costs as much as the products that it saves. */
    private static final int CHANNELS = 16;

    /** Values of all maps of a block of tiles: 16 MiB, which a processor keeps near. */
    private static final long BLOCK = 1 << 22;

    private static final int POINTS = WinogradTransform.POINTS;
    private static final int OUTPUTS = WinogradTransform.OUTPUTS;
    private static final long[] ONE = {1, 1};
    private static final long[] NONE = {0, 0};

    /** A tile of the output: {@code OUTPUTS} planes of a sample, or fewer at its end. */
    private record Tile(long sample, long first) {}

    @Override
    public Tensor apply(Tensor x) {
        if (!isFaster(x)) {
            return direct.apply(x);
        }
        Planes input = Planes.of(x.contiguous(torch.MemoryFormat.ChannelsLast3d));
        Tensor y = emptyLike(x, out());
        convolve(input, Planes.of(y), tiles(x.size(0), 0, x.size(2)), weights());
        return y;
    }

    /** Of a large tensor it normalises one slab at a time, right before the convolution of that slab. */
    @Override
    public Tensor apply(RecomputedOp op, List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        Slabs slabs = Slabs.of(x);
        if (!(op instanceof NormActivation norm) || slabs.count() == 1) {
            return apply(op.apply(inputs));
        }
        if (!isFaster(x)) {
            return direct.apply(op, inputs);
        }
        Tensor y = emptyLike(x, out());
        Tensor[] weights = weights();
        List<Tensor> statistics = norm.statistics(x);
        long extent = x.size(2);
        new Slabs(extent, Math.max(1, slabs.rows() / OUTPUTS) * OUTPUTS).forEach((first, rows) -> {
            long start = Math.max(first - 1, 0);
            long end = Math.min(first + rows + 1, extent);
            Tensor part = norm.normalise(x.narrow(2, start, end - start), statistics)
                    .contiguous(torch.MemoryFormat.ChannelsLast3d);
            convolve(new Planes(part, start, extent), Planes.of(y), tiles(x.size(0), first, first + rows), weights);
        });
        return y;
    }

    private void convolve(Planes x, Planes y, List<Tile> all, Tensor[] weights) {
        forEachBlock(all, x, tiles -> {
            Tensor[] points = points(tiles, x, WinogradTransform.INPUT, -1);
            for (int p = 0; p < POINTS; p++) {
                // The second point is in each of the four sums of a tile with a factor of one.
                TensorOptional bias = p == 1 && direct.bias().isPresent()
                        ? new TensorOptional(direct.bias().get())
                        : new TensorOptional();
                points[p] = channelsLast(torch.mkldnn_convolution(points[p], weights[p], bias, ONE, ONE, ONE, 1));
            }
            List<PlaneMap> maps = new ArrayList<>();
            for (int i = 0; i < tiles.size(); i++) {
                Tile tile = tiles.get(i);
                maps.add(new PlaneMap(parts(points, i, y.length()), y.of(tile.sample(), tile.first(), OUTPUTS)));
            }
            WinogradTransform.OUTPUT.apply(maps, y.length(), torch.get_num_threads());
        });
    }

    @Override
    public Tensor backward(Tensor gradient, Tensor x, boolean inputRequiresGrad) {
        if (!isFaster(x)) {
            return direct.backward(gradient, x, inputRequiresGrad);
        }
        Planes input = Planes.of(x.contiguous(torch.MemoryFormat.ChannelsLast3d));
        Planes outer = Planes.of(gradient.contiguous(torch.MemoryFormat.ChannelsLast3d));
        Tensor inputGradient = inputRequiresGrad ? emptyLike(x, in()) : new Tensor();
        Tensor[] weights = weights();
        Tensor sums = torch.zeros(POINTS, out(), in(), 3, 3);
        forEachBlock(tiles(x.size(0), 0, x.size(2)), input, tiles -> {
            Tensor[] points = points(tiles, input, WinogradTransform.INPUT, -1);
            Tensor[] gradients = points(tiles, outer, WinogradTransform.OUTPUT_GRADIENT, 0);
            for (int p = 0; p < POINTS; p++) {
                points[p] = backward(p, gradients[p], points[p], weights[p], sums.select(0, p), inputRequiresGrad);
            }
            if (inputRequiresGrad) {
                addInputGradient(tiles, points, Planes.of(inputGradient));
            }
        });
        Tensor taps = Tensors.of(WinogradTransform.TAPS, POINTS, 3).t().matmul(sums.view(POINTS, -1));
        Tensors.addGradient(direct.weight(), taps.view(3, out(), in(), 3, 3).permute(1, 2, 0, 3, 4));
        return inputGradient;
    }

    /** Adds the gradient of the weights of a point to their sum, and returns that of its input. */
    private Tensor backward(int p, Tensor gradient, Tensor x, Tensor weight, Tensor sum, boolean inputRequiresGrad) {
        // The gradient at the second point is the sum of those of a tile.
        boolean hasBias = p == 1 && direct.bias().isPresent();
        try (BoolPointer mask =
                new BoolPointer(3).put(0, inputRequiresGrad).put(1, true).put(2, hasBias)) {
            T_TensorTensorTensor_T gradients = torch.convolution_backward(
                    gradient, x, weight, new long[] {out()}, ONE, ONE, ONE, false, NONE, 1, mask);
            sum.add_(gradients.get1());
            if (hasBias) {
                Tensors.addGradient(direct.bias().get(), gradients.get2());
            }
            // The tuple owns its members.
            return inputRequiresGrad ? channelsLast(new Tensor(gradients.get0())) : new Tensor();
        }
    }

    private static void addInputGradient(List<Tile> tiles, Tensor[] points, Planes gradient) {
        List<PlaneMap> maps = new ArrayList<>();
        for (int i = 0; i < tiles.size(); i++) {
            Tile tile = tiles.get(i);
            FloatBuffer[] to = gradient.of(tile.sample(), tile.first() - 1, POINTS);
            FloatBuffer[] from = Arrays.copyOf(parts(points, i, gradient.length()), POINTS + 2);
            if (tile.first() > 0) {
                // The last two planes of the tile before are the first two of this one.
                System.arraycopy(to, 0, from, POINTS, 2);
            }
            maps.add(new PlaneMap(from, to));
        }
        WinogradTransform.INPUT_GRADIENT.apply(maps, gradient.length(), torch.get_num_threads());
    }

    private long in() {
        return direct.weight().size(1);
    }

    private long out() {
        return direct.weight().size(0);
    }

    /** Whether the maps cost less than the products that they save. */
    boolean isFaster(Tensor x) {
        return x.is_cpu()
                && x.scalar_type().intern() == torch.ScalarType.Float
                && direct.weight().size(2) == 3
                && direct.stride() == 1
                && direct.padding() == 1
                && Math.min(in(), out()) >= CHANNELS
                && x.size(2) >= 2 * OUTPUTS
                && x.size(2) * x.size(3) * x.size(4) >= 8 * Math.max(in(), out());
    }

    /** The weights of each point, [out, in, 3, 3]. */
    private Tensor[] weights() {
        Tensor taps = direct.weight().permute(2, 0, 1, 3, 4).reshape(3, -1);
        Tensor all = Tensors.of(WinogradTransform.TAPS, POINTS, 3).matmul(taps).view(POINTS, out(), in(), 3, 3);
        Tensor[] weights = new Tensor[POINTS];
        for (int p = 0; p < POINTS; p++) {
            weights[p] = all.select(0, p);
        }
        return weights;
    }

    /** The tiles of all samples that cover these planes; {@code first} is the first plane of a tile. */
    private static List<Tile> tiles(long samples, long first, long end) {
        List<Tile> tiles = new ArrayList<>();
        for (long sample = 0; sample < samples; sample++) {
            for (long plane = first; plane < end; plane += OUTPUTS) {
                tiles.add(new Tile(sample, plane));
            }
        }
        return tiles;
    }

    /** Handles blocks of tiles in their order; tensors that this creates are freed before the next one. */
    private void forEachBlock(List<Tile> tiles, Planes x, Consumer<List<Tile>> action) {
        long values = POINTS * (in() + out()) * x.tensor().size(3) * x.tensor().size(4);
        int block = Math.toIntExact(Math.max(1, Math.min(tiles.size(), BLOCK / values)));
        for (int first = 0; first < tiles.size(); first += block) {
            try (PointerScope scope = new PointerScope()) {
                action.accept(tiles.subList(first, Math.min(first + block, tiles.size())));
            }
        }
    }

    /**
     * The points of a block of tiles.
     *
     * @param offset of the first plane that the transform reads, from the first of a tile
     * @return for each point [tiles, C, Y, Z], channels-last
     */
    private static Tensor[] points(List<Tile> tiles, Planes x, WinogradTransform transform, int offset) {
        Tensor shape = x.tensor();
        Tensor[] points = new Tensor[POINTS];
        for (int p = 0; p < POINTS; p++) {
            points[p] = torch.empty(tiles.size(), shape.size(3), shape.size(4), shape.size(1))
                    .permute(0, 3, 1, 2);
        }
        List<PlaneMap> maps = new ArrayList<>();
        for (int i = 0; i < tiles.size(); i++) {
            Tile tile = tiles.get(i);
            maps.add(new PlaneMap(
                    x.of(tile.sample(), tile.first() + offset, transform.inputs()), parts(points, i, x.length())));
        }
        transform.apply(maps, x.length(), torch.get_num_threads());
        return points;
    }

    /** The part of each point that belongs to one tile. */
    private static FloatBuffer[] parts(Tensor[] points, int tile, int length) {
        return Arrays.stream(points)
                .map(point -> Planes.block(point, tile, length))
                .toArray(FloatBuffer[]::new);
    }

    private static Tensor emptyLike(Tensor x, long channels) {
        return Planes.empty(x.size(0), channels, x.size(2), x.size(3), x.size(4));
    }

    private static Tensor channelsLast(Tensor x) {
        return x.contiguous(torch.MemoryFormat.ChannelsLast);
    }

    @Override
    public String export(OnnxGraph graph, String x) {
        return direct.export(graph, x);
    }
}
