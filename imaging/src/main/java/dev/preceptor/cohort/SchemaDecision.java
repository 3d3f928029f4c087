package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.nifti.LabelDeclaration;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The label schema of a set of label maps, and how it was derived: from the declarations that Preceptor wrote into headers,
 * from official ids, or from the label values of the whole set if only one known schema allows them. Label 4 means
 * enhancing tumour up to 2021, resection cavity in 2024 and edema in PED 2024, so one file never decides, and an ambiguous
 * set is refused.
 *
 * @param schema the label schema
 * @param reason one phrase that every output repeats
 */
public record SchemaDecision(LabelSpace schema, String reason) {

    /**
     * The schema that a user gives.
     *
     * @param text the name of a known schema, the path of a {@code dataset.json}, or the labels as
     *     {@link LabelSpace#toString} writes them
     * @return empty if it is none of these
     * @throws InvalidFileException if the file describes no known labels
     */
    public static Optional<LabelSpace> given(String text) {
        Optional<LabelSpace> named = LabelSpace.named(text).or(() -> LabelSpace.parse(text));
        if (named.isPresent() || text.contains("{") || text.isBlank()) {
            return named;
        }
        Path path = Path.of(text);
        Path file = Files.isDirectory(path) ? path.resolve(DatasetJson.NAME) : path;
        boolean isFile = Files.exists(file) || text.toLowerCase(Locale.ROOT).endsWith(".json");
        return isFile ? Optional.of(describedBy(file).schema()) : Optional.empty();
    }

    /** A schema that the caller gives. */
    public static SchemaDecision asGiven(LabelSpace schema) {
        return new SchemaDecision(schema, "as given");
    }

    /**
     * The label space that the {@code labels} of a {@code dataset.json}, or of another JSON file of that form, describe.
     *
     * @throws InvalidFileException if the file cannot be read, or describes no labels
     */
    public static SchemaDecision describedBy(Path datasetJson) {
        return DatasetLabels.schema(datasetJson, JsonFiles.read(datasetJson));
    }

    /**
     * Derives the schema of a set of label maps. Reads their headers; reads the voxels only if neither headers nor ids
     * decide. DICOM segmentations say what their segments are; they decide only if there are no NIfTI files.
     *
     * @param where the set, for messages
     * @param ids the ids of its subjects
     * @param labelFiles its label maps
     * @throws InvalidCohortException if more than one known schema fits, or declarations, ids and values contradict each
     *     other
     */
    public static SchemaDecision forFiles(Path where, List<String> ids, List<Path> labelFiles) {
        return forFiles(where, ids, labelFiles, () -> {}, ScanCache.NONE);
    }

    /**
     * @param where a folder
     * @param beforeVoxels runs before voxels are read
     * @param cache what is known of the label maps
     */
    static SchemaDecision forFiles(
            Path where, List<String> ids, List<Path> labelFiles, Runnable beforeVoxels, ScanCache cache) {
        List<Path> nifti =
                labelFiles.stream().filter(file -> !LabelMapFiles.isDicom(file)).toList();
        return nifti.isEmpty() && !labelFiles.isEmpty()
                ? SegmentSchema.of(where, labelFiles)
                : forNifti(where, ids, nifti, beforeVoxels, cache);
    }

    private static SchemaDecision forNifti(
            Path where, List<String> ids, List<Path> labelFiles, Runnable beforeVoxels, ScanCache cache) {
        Optional<Naming> naming = Naming.of(where, ids);
        Declarations declared = Declarations.in(labelFiles);
        if (declared.isComplete() && !declared.agreeWith(naming)) {
            return new SchemaDecision(declared.schema().orElseThrow(), "written into the label maps by Preceptor");
        }
        if (naming.isPresent() && naming.get().candidates().size() == 1) {
            return declared.confirm(new SchemaDecision(
                    naming.get().candidates().get(0), naming.get().reason()));
        }
        if (labelFiles.isEmpty()) {
            return new SchemaDecision(LabelSpace.BRATS_2018, "no label maps; the schema is not used");
        }
        if (declared.isComplete()) {
            return new SchemaDecision(declared.schema().orElseThrow(), "written into the label maps by Preceptor");
        }
        beforeVoxels.run();
        return declared.confirm(
                byValues(where, naming.map(Naming::candidates).orElse(LabelSpace.KNOWN), labelFiles, cache));
    }

    /**
     * Returns this decision unless a label map declares another meaning.
     *
     * @throws InvalidFileException if one does; it names the file
     */
    SchemaDecision confirmedBy(List<Path> labelFiles) {
        return Declarations.in(labelFiles.stream()
                        .filter(file -> !LabelMapFiles.isDicom(file))
                        .toList())
                .confirm(this);
    }

    /**
     * The schema that the header of a label map declares; empty if Preceptor did not write the file.
     *
     * @throws InvalidFileException if the declaration does not give the meaning of the labels
     */
    public static Optional<LabelSpace> declaredIn(Path file) {
        Optional<LabelDeclaration> declaration = declarationIn(file);
        declaration.filter(d -> d.schema().isEmpty()).ifPresent(d -> {
            throw new InvalidFileException(
                    file,
                    "declares the labels \"" + d.text()
                            + "\" without their meaning; give the schema with --schema"
                            + " (for predictions: --prediction-schema): one of " + LabelSpace.knownNames()
                            + ", or the path of the dataset.json of its data set");
        });
        return declaration.flatMap(LabelDeclaration::schema);
    }

    /**
     * The declaration in the header of a label map, with or without the meaning of its labels; empty if Preceptor did not
     * write the file.
     */
    public static Optional<LabelDeclaration> declarationIn(Path file) {
        try {
            return LabelDeclaration.in(Nifti.readHeader(file));
        } catch (InvalidFileException e) {
            // Validation reports the broken file.
            return Optional.empty();
        }
    }

    private static SchemaDecision byValues(Path where, List<LabelSpace> candidates, List<Path> files, ScanCache cache) {
        Set<Integer> values = new TreeSet<>();
        cache.labelValues(where, files, SchemaDecision::valuesOf).forEach(values::addAll);
        values.remove(0);
        String observed =
                (files.size() == 1 ? "the label map" : files.size() + " label maps") + " in " + where.getFileName()
                        + " hold" + (files.size() == 1 ? "s " : " ")
                        + (values.isEmpty()
                                ? "nothing"
                                : values.stream().map(String::valueOf).collect(Collectors.joining(", ")));
        if (values.isEmpty()) {
            return new SchemaDecision(
                    candidates.contains(LabelSpace.BRATS_2018) ? LabelSpace.BRATS_2018 : candidates.get(0),
                    "by values: " + observed);
        }
        if (candidates.contains(LabelSpace.BRATS_2018) && values.contains(4) && !values.contains(3)) {
            return new SchemaDecision(LabelSpace.BRATS_2018, "by values: " + observed + " and no 3");
        }
        // Validation reports subjects with values that no schema defines.
        values.removeIf(value -> candidates.stream().noneMatch(schema -> schema.allows(value)));
        List<LabelSpace> fitting = candidates.stream()
                .filter(schema -> !values.isEmpty() && values.stream().allMatch(schema::allows))
                .toList();
        Map<Map<Integer, LabelClass>, LabelSpace> meanings = new LinkedHashMap<>();
        fitting.forEach(schema -> meanings.putIfAbsent(schema.only(values).values(), schema));
        if (meanings.size() == 1) {
            return new SchemaDecision(fitting.get(0), "by values: " + observed);
        }
        throw new InvalidCohortException(where + ": " + observed + ", "
                + (fitting.isEmpty() ? "which fits none of " + join(candidates) : "which fits " + join(fitting))
                + "; give the schema with --schema NAME, or add the dataset.json of the data set");
    }

    private static String join(List<LabelSpace> schemas) {
        return schemas.stream().map(LabelSpace::toString).collect(Collectors.joining(" and "));
    }

    private static Set<Integer> valuesOf(Path file) {
        try {
            return Nifti.readLabelValues(file);
        } catch (InvalidFileException e) {
            // Validation reports the broken file; the others decide.
            return Set.of();
        }
    }
}
