package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Parallel;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the values of a data set's label maps mean, and how that was decided: by the ids of its version, else by what
 * Preceptor wrote into the files, else by the values over the whole set. A 4 means enhancing tumour to 2021 and resection
 * cavity in 2024, so a single file never decides.
 *
 * @param schema the decision
 * @param reason one phrase that every output repeats
 */
public record SchemaDecision(LabelSchema schema, String reason) {
    private static final Pattern LEGACY_ID = Pattern.compile("(?i)brats(17|18|19|20|20(17|18|19|20|21))[_-].*");
    private static final Pattern GLI_ID = Pattern.compile("(?i)brats-gli-\\d{5}-(\\d)\\d{2}");
    private static final Pattern ID_OF_2023 = Pattern.compile("(?i)brats-(men|met|ped|ssa)-.*");
    private static final String DESCRIPTION = "preceptor labels ";

    /**
     * Decides for a set of label maps.
     *
     * @param where the set, for messages
     * @param ids the ids of its subjects
     * @param labelFiles its label maps; read only if ids and headers do not tell
     * @throws InvalidCohortException if the set mixes versions whose labels contradict each other
     */
    public static SchemaDecision forFiles(Path where, List<String> ids, List<Path> labelFiles) {
        Optional<SchemaDecision> byIds = byIds(where, ids);
        if (byIds.isPresent()) {
            return byIds.get();
        }
        if (labelFiles.isEmpty()) {
            return new SchemaDecision(LabelSchema.BRATS_2018, "no label maps; nothing depends on it");
        }
        return byHeaders(labelFiles).orElseGet(() -> byValues(where, labelFiles));
    }

    private static Optional<SchemaDecision> byIds(Path where, List<String> ids) {
        Set<LabelSchema> versions = new LinkedHashSet<>();
        for (String id : ids) {
            Optional<LabelSchema> version = ofId(id);
            if (version.isEmpty()) {
                return Optional.empty();
            }
            versions.add(version.get());
        }
        if (versions.size() > 1 && versions.contains(LabelSchema.BRATS_2018)) {
            throw new InvalidCohortException(where + ": mixes BraTS to 2021, where 4 is enhancing tumour, with later"
                    + " years, where 3 is; put them into separate folders");
        }
        LabelSchema schema = versions.size() > 1
                ? LabelSchema.BRATS_2024
                : versions.iterator().next();
        return Optional.of(new SchemaDecision(schema, "by the version in the ids, as in " + ids.get(0)));
    }

    private static Optional<LabelSchema> ofId(String id) {
        if (LEGACY_ID.matcher(id).matches()) {
            return Optional.of(LabelSchema.BRATS_2018);
        }
        Matcher gli = GLI_ID.matcher(id);
        if (gli.matches()) {
            return Optional.of(gli.group(1).equals("1") ? LabelSchema.BRATS_2024 : LabelSchema.BRATS_2023);
        }
        return ID_OF_2023.matcher(id).matches() ? Optional.of(LabelSchema.BRATS_2023) : Optional.empty();
    }

    private static Optional<SchemaDecision> byHeaders(List<Path> files) {
        Set<Optional<LabelSchema>> declared = new HashSet<>();
        for (Path file : files) {
            declared.add(declaredIn(file));
            if (declared.size() > 1 || declared.contains(Optional.<LabelSchema>empty())) {
                return Optional.empty();
            }
        }
        return declared.iterator()
                .next()
                .map(schema -> new SchemaDecision(schema, "written into the label maps by Preceptor"));
    }

    /** The schema that Preceptor wrote into a label map's description, if it wrote the file. */
    public static Optional<LabelSchema> declaredIn(Path file) {
        try {
            String description = Nifti.readHeader(file).description();
            return description.startsWith(DESCRIPTION)
                    ? LabelSchema.named(
                            description.substring(DESCRIPTION.length()).strip())
                    : Optional.empty();
        } catch (InvalidFileException e) {
            // A broken file declares nothing; validation names it.
            return Optional.empty();
        }
    }

    private static SchemaDecision byValues(Path where, List<Path> files) {
        int threads = Runtime.getRuntime().availableProcessors();
        Set<Integer> values = new TreeSet<>();
        Parallel.map(files, threads, SchemaDecision::valuesOf).forEach(values::addAll);
        values.remove(0);
        String seen = files.size() + " label maps in " + where.getFileName() + " hold "
                + (values.isEmpty()
                        ? "nothing"
                        : values.stream().map(String::valueOf).collect(Collectors.joining(", ")));
        boolean three = values.contains(3);
        if (values.contains(4)) {
            return three
                    ? new SchemaDecision(LabelSchema.BRATS_2024, "by values: " + seen)
                    : new SchemaDecision(LabelSchema.BRATS_2018, "by values: " + seen + " and no 3");
        }
        return three
                ? new SchemaDecision(
                        LabelSchema.BRATS_2023, "by values: " + seen + " and no 4; MSD_TASK01 would fit as well")
                : new SchemaDecision(
                        LabelSchema.BRATS_2018, "by values: " + seen + ", which every BraTS schema shares");
    }

    private static Set<Integer> valuesOf(Path file) {
        try {
            return Nifti.readLabelValues(file);
        } catch (InvalidFileException e) {
            // Validation reports the file; the others decide.
            return Set.of();
        }
    }
}
