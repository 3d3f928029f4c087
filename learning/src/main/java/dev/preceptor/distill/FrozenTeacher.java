package dev.preceptor.distill;

import dev.preceptor.base.Sha256;
import dev.preceptor.data.Batch;
import dev.preceptor.network.Features;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A teacher that is no longer trained, with a cache of its outputs by input. An output is cached when its input comes the
 * second time, up to 1 GiB in all; random crops, which do not repeat, cost one hash each.
 */
public final class FrozenTeacher implements AutoCloseable {
    private static final long CAPACITY_BYTES = 1L << 30;

    private final Role role;
    private final int levels;
    private final Set<ByteBuffer> seen = new HashSet<>();
    private final Map<ByteBuffer, TeacherOutput> cache = new HashMap<>();
    private long cachedBytes;

    /** @param levels number of decoder levels below the full resolution that {@link #outputs} includes */
    public FrozenTeacher(Role role, int levels) {
        this.role = role;
        this.levels = levels;
    }

    /**
     * The outputs of a teacher; no tensor carries a gradient.
     *
     * @param logits [B, K, X, Y, Z]
     * @param bottleneck the deepest features
     * @param decoder features at 1/2, 1/4, ... of the full resolution
     */
    public record TeacherOutput(Tensor logits, Tensor bottleneck, List<Tensor> decoder) {
        private static TeacherOutput of(List<Tensor> tensors) {
            return new TeacherOutput(tensors.get(0), tensors.get(1), tensors.subList(2, tensors.size()));
        }

        private List<Tensor> tensors() {
            List<Tensor> tensors = new ArrayList<>(List.of(logits, bottleneck));
            tensors.addAll(decoder);
            return tensors;
        }
    }

    /** The outputs for a batch; they belong to the innermost scope or to this teacher's cache. */
    public TeacherOutput outputs(Batch batch) {
        ByteBuffer key = hash(batch.images(role.inputs()));
        TeacherOutput cached = cache.get(key);
        if (cached != null) {
            return cached;
        }
        TeacherOutput output =
                TeacherOutput.of(Tensors.scopedList(() -> forward(batch).tensors()));
        if (!seen.add(key)) {
            cache(key, output);
        }
        return output;
    }

    private TeacherOutput forward(Batch batch) {
        try (NoGradGuard guard = new NoGradGuard()) {
            Features features = role.forward(batch);
            List<Tensor> decoder = new ArrayList<>();
            for (int level = 1; level <= levels; level++) {
                decoder.add(features.decoder(level));
            }
            return new TeacherOutput(features.logits(), features.bottleneck(), decoder);
        }
    }

    private void cache(ByteBuffer key, TeacherOutput output) {
        long bytes = output.tensors().stream().mapToLong(Tensor::nbytes).sum();
        if (cachedBytes + bytes <= CAPACITY_BYTES) {
            output.tensors().forEach(Tensors::keep);
            cache.put(key, output);
            cachedBytes += bytes;
        }
    }

    private static ByteBuffer hash(Tensor input) {
        MessageDigest digest = Sha256.digest();
        digest.update(ArrayData.of(input).bytes());
        return ByteBuffer.wrap(digest.digest());
    }

    /** Frees the cache. */
    @Override
    public void close() {
        cache.values().forEach(output -> output.tensors().forEach(Tensors::release));
        cache.clear();
    }
}
