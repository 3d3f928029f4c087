package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The subjects of one study.
 *
 * @param name of the data set, or of its folder
 * @param root the folder
 * @param layout how it is arranged
 * @param schema what the values of its label maps mean
 * @param schemaReason how the schema was decided, for every output that depends on it
 * @param subjects at least one, by id
 * @param unused the NIfTI files below the folder that belong to no subject, and why
 */
public record Cohort(
        String name,
        Path root,
        CohortLayout layout,
        LabelSchema schema,
        String schemaReason,
        List<Subject> subjects,
        List<UnusedFile> unused) {
    public Cohort {
        subjects = List.copyOf(subjects);
        unused = List.copyOf(unused);
        if (subjects.isEmpty()) {
            throw new IllegalArgumentException("cohort " + name + " has no subject");
        }
    }

    /** A cohort of which every file is used. */
    public Cohort(
            String name,
            Path root,
            CohortLayout layout,
            LabelSchema schema,
            String schemaReason,
            List<Subject> subjects) {
        this(name, root, layout, schema, schemaReason, subjects, List.of());
    }

    /**
     * Finds the subjects below a folder, whatever its layout. Reads names, {@code dataset.json} and the headers of label maps;
     * only where none of these says the label schema are label maps read, all of them.
     *
     * @throws InvalidCohortException if there is no subject, or the schema cannot be decided
     */
    public static Cohort open(Path folder) {
        return open(folder, Optional.empty());
    }

    /**
     * The same with a label schema that is known.
     *
     * @param schema what the labels mean; no label map is read. Empty to decide it, see {@link SchemaDecision}
     * @throws InvalidCohortException if there is no subject
     */
    public static Cohort open(Path folder, Optional<LabelSchema> schema) {
        return CohortFinder.open(folder, schema);
    }

    /**
     * The subject of this id.
     *
     * @throws InvalidCohortException if there is none
     */
    public Subject subject(String id) {
        return subjects.stream()
                .filter(s -> s.id().equals(NiftiFiles.composed(id)))
                .findFirst()
                .orElseThrow(() -> new InvalidCohortException("cohort " + root + " has no subject " + id));
    }

    /**
     * The same cohort with these subjects alone, in the order of the cohort.
     *
     * @throws InvalidCohortException if one of them is not here, or none is asked for
     */
    public Cohort only(Collection<String> ids) {
        Set<String> wanted = ids.stream().map(NiftiFiles::composed).collect(Collectors.toCollection(HashSet::new));
        List<Subject> kept =
                subjects.stream().filter(s -> wanted.remove(s.id())).toList();
        if (!wanted.isEmpty() || kept.isEmpty()) {
            throw new InvalidCohortException("cohort " + root + " has no subject "
                    + (wanted.isEmpty() ? "in an empty selection" : String.join(", ", new TreeSet<>(wanted))));
        }
        return new Cohort(name, root, layout, schema, schemaReason, kept, unused);
    }

    /** Every sequence that some subject has, or would have but for a fault of its files. */
    public List<Sequence> sequences() {
        Set<Sequence> found = new TreeSet<>();
        subjects.forEach(s -> {
            found.addAll(s.images().keySet());
            found.addAll(s.faults().images().keySet());
        });
        return List.copyOf(found);
    }
}
