package dev.preceptor.train;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.Prepared;
import dev.preceptor.data.Sample;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prepared subjects, kept in memory as long as they fit and prepared again from the disk where not. Thread-safe. */
final class SampleStore {
    private final List<Sequence> sequences;
    private final Recipe recipe;
    private final long capacity;
    private final LinkedHashMap<String, Sample> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long held;

    /** @param capacity bytes of samples that may be kept */
    SampleStore(Recipe recipe, long capacity) {
        this.recipe = recipe;
        this.sequences = recipe.sequences();
        this.capacity = capacity;
    }

    /**
     * The subject on the grid of the model.
     *
     * @throws dev.preceptor.base.PreceptorException if a sequence or the labels are missing or broken
     */
    synchronized Sample sample(Subject subject) {
        Sample found = kept.get(subject.id());
        if (found != null) {
            return found;
        }
        Sample made = prepare(subject);
        kept.put(subject.id(), made);
        held += made.bytes();
        var eldest = kept.entrySet().iterator();
        while (held > capacity && kept.size() > 1) {
            held -= eldest.next().getValue().bytes();
            eldest.remove();
        }
        return made;
    }

    private Sample prepare(Subject subject) {
        try {
            Map<Sequence, Volume> volumes = subject.volumes(sequences);
            Prepared prepared = recipe.preprocessing()
                    .prepare(sequences.stream().map(volumes::get).toList());
            return Sample.of(
                    subject.id(), prepared.grid().size(), prepared.images(), prepared.classes(subject.labels()));
        } catch (MismatchException e) {
            throw new MismatchException("subject " + subject.id() + ": " + e.getMessage());
        }
    }
}
