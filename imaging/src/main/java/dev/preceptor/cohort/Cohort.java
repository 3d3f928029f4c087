package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The subjects of one data set.
 *
 * <p>Open a folder, list what each subject has, and read one image and its label map:
 *
 * <pre>{@code
 * Cohort cohort = Cohort.open(folder);
 * for (Subject subject : cohort.subjects()) {
 *     System.out.println(subject.id() + ": " + subject.images().keySet());
 * }
 * Subject first = cohort.subjects().get(0);
 * Volume t1ce = first.volume(Sequence.T1CE);
 * double tumourMl = first.labels().mask(Region.WT).cardinality() * t1ce.grid().voxelVolume() / 1000;
 * }</pre>
 *
 * <p>Read all files once to find faults and to compute the fingerprint, and divide the subjects into folds:
 *
 * <pre>{@code
 * CohortSummary summary = CohortSummary.of(cohort);
 * summary.problems().forEach(System.out::println);
 * Folds folds = Folds.of(summary.foregroundMl(), 5, 42);
 * Cohort training = cohort.only(folds.fold(0).training());
 * }</pre>
 *
 * @param name of the data set, or of its folder
 * @param root the folder
 * @param layout how the files are arranged
 * @param schema the label schema of its label maps
 * @param schemaReason how the schema was derived, in one phrase that every output repeats
 * @param subjects at least one, by id
 * @param unused the NIfTI files below the folder that belong to no subject, with the reason
 */
public record Cohort(
        String name,
        Path root,
        CohortLayout layout,
        LabelSpace schema,
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

    /** A cohort without unused files. */
    public Cohort(
            String name,
            Path root,
            CohortLayout layout,
            LabelSpace schema,
            String schemaReason,
            List<Subject> subjects) {
        this(name, root, layout, schema, schemaReason, subjects, List.of());
    }

    /**
     * Finds the subjects below a folder in any {@link CohortLayout}. Reads file names, {@code dataset.json} and the headers
     * of label maps. The label maps themselves are read only if none of these determines the label schema.
     *
     * @throws InvalidCohortException if there is no subject, or the label schema is ambiguous
     */
    public static Cohort open(Path folder) {
        return open(folder, Optional.empty());
    }

    /**
     * Finds the subjects below a folder, with a label schema that may be given.
     *
     * @param schema the label schema, or empty to derive it, see {@link SchemaDecision}; no label map is read if it is
     *     given
     * @throws InvalidCohortException if there is no subject, or the label schema is ambiguous
     */
    public static Cohort open(Path folder, Optional<LabelSpace> schema) {
        return open(folder, schema, () -> {});
    }

    /**
     * As {@link #open(Path, Optional)}, with a check that needs no volumes.
     *
     * @param beforeVoxels runs before the first label map is read for its values. The schema is one of {@link LabelSpace#KNOWN} then, with
     *     the regions of BraTS; what it throws ends the opening
     */
    public static Cohort open(Path folder, Optional<LabelSpace> schema, Runnable beforeVoxels) {
        return open(folder, schema, beforeVoxels, ScanCache.NONE);
    }

    /**
     * As {@link #open(Path, Optional, Runnable)}, without reading label maps whose values are known.
     *
     * @param cache what is known of the cohort
     */
    public static Cohort open(Path folder, Optional<LabelSpace> schema, Runnable beforeVoxels, ScanCache cache) {
        return CohortFinder.open(folder, schema, beforeVoxels, cache);
    }

    /**
     * Finds the subjects below a folder whose label maps, if there are any, are not used: no label space is derived.
     *
     * @throws InvalidCohortException if there is no subject
     */
    public static Cohort openImages(Path folder) {
        // No label map is read, so which label space is given does not matter.
        return open(folder, Optional.of(LabelSpace.BRATS_2018));
    }

    /**
     * The subject with the given id.
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
     * A cohort of the given subjects only, in the order of this cohort.
     *
     * @throws InvalidCohortException if one of them is not in this cohort, or the selection is empty
     */
    public Cohort only(Collection<String> ids) {
        Set<String> requested = ids.stream().map(NiftiFiles::composed).collect(Collectors.toCollection(HashSet::new));
        List<Subject> selected =
                subjects.stream().filter(s -> requested.remove(s.id())).toList();
        if (!requested.isEmpty() || selected.isEmpty()) {
            throw new InvalidCohortException("cohort " + root + " has no subject "
                    + (requested.isEmpty() ? "in an empty selection" : String.join(", ", new TreeSet<>(requested))));
        }
        return new Cohort(name, root, layout, schema, schemaReason, selected, unused);
    }

    /**
     * This cohort and the subjects below a folder, whose label maps are not used: the cohort of a training, whose fingerprint models and
     * scores keep.
     *
     * @param images the folder; empty for this cohort alone
     * @throws InvalidCohortException if there is no subject in the folder, or as {@link #withUnlabelled(Cohort)}
     */
    public Cohort withUnlabelled(Optional<Path> images) {
        return images.map(folder -> withUnlabelled(openImages(folder))).orElse(this);
    }

    /**
     * This cohort and the subjects of another one, whose label maps are not used.
     *
     * @throws InvalidCohortException if the other folder is this one or lies in it or around it, or an id is in both
     */
    public Cohort withUnlabelled(Cohort other) {
        Path here = root.toAbsolutePath().normalize();
        Path there = other.root.toAbsolutePath().normalize();
        if (here.startsWith(there) || there.startsWith(here)) {
            throw new InvalidCohortException("the unlabelled subjects in " + other.root + " are those of the cohort "
                    + root + "; a cohort's own subjects without label maps are used without --unlabelled");
        }
        Set<String> known = subjects.stream().map(Subject::id).collect(Collectors.toSet());
        List<Subject> all = new ArrayList<>(subjects);
        for (Subject subject : other.subjects) {
            if (known.contains(subject.id())) {
                throw new InvalidCohortException("subject " + subject.id() + " is in " + root + " and in " + other.root
                        + "; remove it from one of them");
            }
            all.add(subject.withoutLabels(schema));
        }
        return new Cohort(name, root, layout, schema, schemaReason, all, unused);
    }

    /** All sequences of at least one subject, including those whose files cannot be used. */
    public List<Sequence> sequences() {
        Set<Sequence> found = new TreeSet<>();
        subjects.forEach(s -> {
            found.addAll(s.images().keySet());
            found.addAll(s.faults().images().keySet());
        });
        return List.copyOf(found);
    }
}
