package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Features;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A teacher that no longer learns: what it says of an input is the same whenever it sees it, so it is asked twice at most.
 * Answers are kept from the second time on, as long as they fit; random crops, which never come again, cost a hash.
 */
final class FrozenTeacher implements AutoCloseable {
    private static final long CAPACITY = 1L << 30;

    private final Role role;
    private final int levels;
    private final Set<ByteBuffer> met = new HashSet<>();
    private final Map<ByteBuffer, TeacherOutput> kept = new HashMap<>();
    private long held;

    /** @param levels how many decoder levels below the full resolution are asked for */
    FrozenTeacher(Role role, int levels) {
        this.role = role;
        this.levels = levels;
    }

    /**
     * What is asked of a teacher; no tensor carries a gradient.
     *
     * @param logits at full resolution
     * @param bottleneck the deepest features
     * @param decoder features at 1/2, 1/4, ... of the full resolution
     */
    record TeacherOutput(Tensor logits, Tensor bottleneck, List<Tensor> decoder) {
        private static TeacherOutput of(List<Tensor> tensors) {
            return new TeacherOutput(tensors.get(0), tensors.get(1), tensors.subList(2, tensors.size()));
        }

        private List<Tensor> tensors() {
            List<Tensor> tensors = new ArrayList<>(List.of(logits, bottleneck));
            tensors.addAll(decoder);
            return tensors;
        }
    }

    /** The answer to a batch, in the care of the innermost scope or of this teacher. */
    TeacherOutput outputs(Batch batch) {
        ByteBuffer key = hash(batch.input(role.inputs()));
        TeacherOutput found = kept.get(key);
        if (found != null) {
            return found;
        }
        TeacherOutput teacherOutput =
                TeacherOutput.of(Tensors.scopedList(() -> forward(batch).tensors()));
        if (!met.add(key)) {
            keep(key, teacherOutput);
        }
        return teacherOutput;
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

    private void keep(ByteBuffer key, TeacherOutput teacherOutput) {
        long bytes = teacherOutput.tensors().stream().mapToLong(Tensor::nbytes).sum();
        if (held + bytes <= CAPACITY) {
            teacherOutput.tensors().forEach(Tensors::keep);
            kept.put(key, teacherOutput);
            held += bytes;
        }
    }

    private static ByteBuffer hash(Tensor input) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ArrayData.of(input).bytes());
            return ByteBuffer.wrap(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        kept.values().forEach(teacherOutput -> teacherOutput.tensors().forEach(Tensors::release));
        kept.clear();
    }
}
