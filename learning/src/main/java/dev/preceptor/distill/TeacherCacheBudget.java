package dev.preceptor.distill;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The memory that the frozen teachers of a method share for cached outputs. */
public final class TeacherCacheBudget {
    /** How many bytes of outputs are cached. The estimate of a training's memory counts all of them. */
    public static final long CAPACITY_BYTES = 256L << 20;

    private long used;

    /** Reserves room for tensors; false if there is too little left. */
    boolean reserve(List<Tensor> tensors) {
        long bytes = tensors.stream().mapToLong(Tensor::nbytes).sum();
        if (used + bytes > CAPACITY_BYTES) {
            return false;
        }
        used += bytes;
        return true;
    }
}
