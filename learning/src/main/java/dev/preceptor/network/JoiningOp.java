package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** An operation that begins by concatenating its inputs [B, C_i, X, Y, Z] along the channels. */
interface JoiningOp extends RecomputedOp {
    /**
     * The output from the concatenated inputs.
     *
     * @param joined [B, sum of C_i, X, Y, Z], which nothing else uses; may be overwritten
     */
    Tensor applyJoined(Tensor joined);

    @Override
    default Tensor apply(List<Tensor> inputs) {
        return applyJoined(Tensors.cat(inputs, 1));
    }

    /** One of the inputs: it is written to its place among the channels. */
    interface Part {
        long channels();

        /** @param target [B, channels, X, Y, Z], a part of a channels-last tensor */
        void writeTo(Tensor target);

        /** The values of a tensor. */
        static Part copyOf(Tensor tensor) {
            return new Part() {
                @Override
                public long channels() {
                    return tensor.size(1);
                }

                @Override
                public void writeTo(Tensor target) {
                    target.copy_(tensor);
                }
            };
        }
    }

    /**
     * Concatenates parts without a tensor for each of them.
     *
     * @param like a tensor of the type and device of the result
     * @param shape B, X, Y, Z
     */
    static Tensor join(List<Part> parts, Tensor like, long... shape) {
        long channels = parts.stream().mapToLong(Part::channels).sum();
        Tensor rows = like.new_empty(shape[0] * shape[1] * shape[2] * shape[3], channels);
        Tensor joined = Tensors.channelsLast(rows, shape[0], shape[1], shape[2], shape[3]);
        long first = 0;
        for (Part part : parts) {
            part.writeTo(joined.narrow(1, first, part.channels()));
            first += part.channels();
        }
        return joined;
    }
}
