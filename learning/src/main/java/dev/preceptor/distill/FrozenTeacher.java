package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.data.PatchKey;
import dev.preceptor.network.Features;
import dev.preceptor.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * A teacher that is no longer trained, with a cache of its outputs by the keys of the patches. Only batches that come again
 * are cached: validation tiles, and patches that cover a whole volume and are not augmented.
 */
public final class FrozenTeacher implements AutoCloseable {
    private final Role role;
    private final List<Integer> levels;
    private final TeacherCacheBudget budget;
    private final Map<List<PatchKey>, TeacherOutputs> cache = new HashMap<>();

    /**
     * A single frozen teacher.
     *
     * @param levels the decoder levels that {@link #outputs} includes, 0 for the full resolution, in this order
     */
    public FrozenTeacher(Role role, List<Integer> levels) {
        this(role, levels, new TeacherCacheBudget());
    }

    /** @param budget shared with the other frozen teachers of the method */
    FrozenTeacher(Role role, List<Integer> levels, TeacherCacheBudget budget) {
        this.role = role;
        this.levels = List.copyOf(levels);
        this.budget = budget;
    }

    /** The outputs for a batch; they belong to the innermost scope or to this teacher's cache. */
    public TeacherOutputs outputs(Batch batch) {
        Optional<List<PatchKey>> keys =
                batch.keys().filter(all -> all.stream().allMatch(key -> key.isRepeated() && !key.altered()));
        TeacherOutputs cached = keys.map(cache::get).orElse(null);
        if (cached != null) {
            return cached;
        }
        TeacherOutputs output =
                TeacherOutputs.ofOne(Tensors.scopedList(() -> forward(batch).tensors()));
        keys.filter(key -> budget.reserve(output.tensors())).ifPresent(key -> {
            output.tensors().forEach(Tensors::keep);
            cache.put(key, output);
        });
        return output;
    }

    private TeacherOutputs forward(Batch batch) {
        try (NoGradGuard guard = new NoGradGuard()) {
            Features features = role.forward(batch);
            return new TeacherOutputs(
                    features.logits(),
                    Optional.of(features.bottleneck()),
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
