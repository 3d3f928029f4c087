package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.data.PatchKey;
import dev.preceptor.network.Features;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A teacher that is no longer trained, with a cache of its outputs by the keys of the patches. Only batches that come again
 * are cached: validation tiles, and patches that cover a whole volume and are not augmented.
 */
public final class FrozenTeacher implements AutoCloseable {
    private final Role role;
    private final List<Integer> levels;
    private final AnswerMemory memory;
    private final Map<List<PatchKey>, TeacherOutput> cache = new HashMap<>();

    /**
     * A single frozen teacher.
     *
     * @param levels the decoder levels that {@link #outputs} includes, 0 for the full resolution, in this order
     */
    public FrozenTeacher(Role role, List<Integer> levels) {
        this(role, levels, new AnswerMemory());
    }

    /** @param memory shared with the other frozen teachers of the method */
    FrozenTeacher(Role role, List<Integer> levels, AnswerMemory memory) {
        this.role = role;
        this.levels = List.copyOf(levels);
        this.memory = memory;
    }

    /**
     * The outputs of a teacher; no tensor carries a gradient.
     *
     * @param logits [B, K, X, Y, Z]
     * @param bottleneck the deepest features
     * @param decoder the features of the levels that the teacher was asked for
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
        Optional<List<PatchKey>> keys =
                batch.keys().filter(all -> all.stream().allMatch(key -> key.isRepeated() && !key.altered()));
        TeacherOutput cached = keys.map(cache::get).orElse(null);
        if (cached != null) {
            return cached;
        }
        TeacherOutput output =
                TeacherOutput.of(Tensors.scopedList(() -> forward(batch).tensors()));
        keys.filter(key -> memory.reserve(output.tensors())).ifPresent(key -> {
            output.tensors().forEach(Tensors::keep);
            cache.put(key, output);
        });
        return output;
    }

    private TeacherOutput forward(Batch batch) {
        try (NoGradGuard guard = new NoGradGuard()) {
            Features features = role.forward(batch);
            return new TeacherOutput(
                    features.logits(),
                    features.bottleneck(),
                    levels.stream().map(features::decoder).toList());
        }
    }

    /** Frees the cache. */
    @Override
    public void close() {
        cache.values().forEach(output -> output.tensors().forEach(Tensors::release));
        cache.clear();
    }
}
