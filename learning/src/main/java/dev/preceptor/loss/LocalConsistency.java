package dev.preceptor.loss;

import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The losses of Xie, Shuai, Hu, Lin, Zheng, "Improving Fast Segmentation With Teacher-student Learning" (BMVC 2018, arXiv
 * 1810.08476) in 3-D: zero-order knowledge, the probabilities, and first-order knowledge, how much a voxel differs from its
 * neighbours. Tensors of the teacher carry no gradient.
 *
 * @param outputs what the channels of the logits mean
 * @param compared between what neighbours are compared
 */
public record LocalConsistency(Targets outputs, Compared compared) {
    private static final double EPSILON = 1e-12;

    /** What neighbours are compared by. */
    public enum Compared {
        LOGITS,
        PROBABILITIES
    }

    /**
     * The zero-order loss: the mean squared difference of the probabilities over channels and voxels that count.
     *
     * @param student logits [B, K, X, Y, Z]
     * @param teacher logits [B, K, X, Y, Z]
     * @return a scalar
     */
    public Tensor zeroOrder(Tensor student, Tensor teacher, ValidVoxels valid) {
        return valid.mean(probabilities(student).sub(probabilities(teacher)).square());
    }

    /**
     * The first-order loss: the mean over voxels that count of the squared difference of the consistency maps of student and teacher,
     * where the map of a voxel is the mean L2 distance to its 26 neighbours, without those outside the patch or that do not count.
     *
     * @param student logits [B, K, X, Y, Z]
     * @param teacher logits [B, K, X, Y, Z]
     * @return a scalar
     */
    public Tensor firstOrder(Tensor student, Tensor teacher, ValidVoxels valid) {
        Tensor weights = valid.mask()
                .map(mask -> mask.to(student.scalar_type()))
                .orElseGet(() -> torch.ones_like(student.narrow(1, 0, 1).detach()));
        Tensor neighbours = neighbourSum(weights, Tensor::mul).clamp_min(new Scalar(1.0));
        Tensor difference = map(student, weights, neighbours).sub(map(teacher, weights, neighbours));
        return valid.mean(difference.square());
    }

    /** The consistency map, [B, 1, X, Y, Z]. */
    private Tensor map(Tensor logits, Tensor weights, Tensor neighbours) {
        Tensor values = compared == Compared.LOGITS ? logits : probabilities(logits);
        long channels = values.size(1);
        Tensor both = Tensors.cat(List.of(values, weights), 1);
        return neighbourSum(
                        both,
                        (first, second) -> distance(first.narrow(1, 0, channels), second.narrow(1, 0, channels))
                                .mul(first.narrow(1, channels, 1).mul(second.narrow(1, channels, 1))))
                .div(neighbours);
    }

    private static Tensor distance(Tensor first, Tensor second) {
        return first.sub(second)
                .square()
                .sum(new long[] {1}, true, new ScalarTypeOptional())
                .add(new Scalar(EPSILON))
                .sqrt();
    }

    /**
     * The sum of a symmetric function over the neighbours of each voxel.
     *
     * @param volume [B, C, X, Y, Z]
     * @param function of a voxel and a neighbour, [B, 1, ...] from two tensors [B, C, ...]
     */
    private static Tensor neighbourSum(Tensor volume, BinaryOperator<Tensor> function) {
        Tensor sum = torch.zeros_like(volume.narrow(1, 0, 1).detach());
        for (Offset offset : Offset.HALF) {
            if (offset.fits(volume)) {
                Tensor before = sum;
                sum = Tensors.scoped(() -> {
                    Tensor value = function.apply(
                            offset.origins(volume), offset.opposite().origins(volume));
                    return before.add(offset.padded(value))
                            .add(offset.opposite().padded(value));
                });
            }
        }
        return sum;
    }

    private Tensor probabilities(Tensor logits) {
        return SegmentationLosses.activation(outputs.encoding(), logits);
    }

    /** The offset of a neighbour, each component -1, 0 or 1. */
    private record Offset(int x, int y, int z) {
        /** One of each pair of opposite offsets of the 26 neighbours. */
        static final List<Offset> HALF = IntStream.range(14, 27)
                .mapToObj(i -> new Offset(i / 9 - 1, i / 3 % 3 - 1, i % 3 - 1))
                .toList();

        private int along(int axis) {
            return List.of(x, y, z).get(axis);
        }

        Offset opposite() {
            return new Offset(-x, -y, -z);
        }

        /** Whether a volume has two voxels at this distance. */
        boolean fits(Tensor volume) {
            return IntStream.range(0, 3).allMatch(axis -> volume.size(axis + 2) > Math.abs(along(axis)));
        }

        /** The voxels whose neighbour at this offset is in the volume. */
        Tensor origins(Tensor volume) {
            Tensor part = volume;
            for (int axis = 0; axis < 3; axis++) {
                int shift = along(axis);
                part = part.narrow(axis + 2, shift < 0 ? 1 : 0, volume.size(axis + 2) - Math.abs(shift));
            }
            return part;
        }

        /** Values at {@link #origins}, and 0 at the other voxels of the volume. */
        Tensor padded(Tensor values) {
            long[] pad = new long[6];
            for (int axis = 0; axis < 3; axis++) {
                // libtorch takes the last axis first.
                pad[4 - 2 * axis] = along(axis) < 0 ? 1 : 0;
                pad[5 - 2 * axis] = along(axis) > 0 ? 1 : 0;
            }
            return torch.constant_pad_nd(values, pad);
        }
    }
}
