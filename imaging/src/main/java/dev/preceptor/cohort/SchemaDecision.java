package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Parallel;
import dev.preceptor.nifti.LabelDeclaration;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Tissue;
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
 * What the values of a data set's label maps mean, and how that was decided: by what Preceptor wrote into the files, by the ids
 * of its version, else by the values over the whole set if only one known schema fits them. A 4 means enhancing tumour to 2021,
 * resection cavity in 2024 and edema in PED 2024, so a single file never decides, and what could mean two things is refused.
 *
 * @param schema the decision
 * @param reason one phrase that every output repeats
 */
public record SchemaDecision(LabelSchema schema, String reason) {

    /**
     * The schema that a user names.
     *
     * @param text a known name; the path of a {@code dataset.json}; or a schema as {@link LabelSchema#toString} writes it
     * @return empty if it is none of these
     * @throws InvalidFileException if the file describes no labels that are known
     */
    public static Optional<LabelSchema> given(String text) {
        Optional<LabelSchema> named = LabelSchema.named(text).or(() -> LabelSchema.parse(text));
        if (named.isPresent() || text.contains("{") || text.isBlank()) {
            return named;
        }
        Path path = Path.of(text);
        Path file = Files.isDirectory(path) ? path.resolve(DatasetJson.NAME) : path;
        boolean isMeant = Files.exists(file) || text.toLowerCase(Locale.ROOT).endsWith(".json");
        return isMeant ? Optional.of(describedBy(file).schema()) : Optional.empty();
    }

    /** The decision of whoever called. */
    public static SchemaDecision asGiven(LabelSchema schema) {
        return new SchemaDecision(schema, "as given");
    }

    /** The schema that the {@code labels} of a {@code dataset.json} describe. */
    static SchemaDecision describedBy(Path datasetJson) {
        return DatasetLabels.schema(datasetJson, JsonFiles.read(datasetJson));
    }

    /**
     * Decides for a set of label maps. Reads their headers; reads them whole only if neither headers nor ids decide.
     *
     * @param where the set, for messages
     * @param ids the ids of its subjects
     * @param labelFiles its label maps
     * @throws InvalidCohortException if more than one known schema fits, or declarations, ids and values contradict each other
     */
    public static SchemaDecision forFiles(Path where, List<String> ids, List<Path> labelFiles) {
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
            return new SchemaDecision(LabelSchema.BRATS_2018, "no label maps; nothing depends on it");
        }
        return declared.isComplete()
                ? new SchemaDecision(declared.schema().orElseThrow(), "written into the label maps by Preceptor")
                : declared.confirm(
                        byValues(where, naming.map(Naming::candidates).orElse(LabelSchema.KNOWN), labelFiles));
    }

    /**
     * The same decision, if no label map declares another meaning.
     *
     * @throws InvalidFileException if one does, naming it
     */
    SchemaDecision confirmedBy(List<Path> labelFiles) {
        return Declarations.in(labelFiles).confirm(this);
    }

    /**
     * The schema that Preceptor wrote into the header of a label map, if it wrote the file.
     *
     * @throws InvalidFileException if it declares labels that cannot be understood
     */
    public static Optional<LabelSchema> declaredIn(Path file) {
        Optional<LabelDeclaration> declaration = declarationIn(file);
        declaration.filter(d -> d.schema().isEmpty()).ifPresent(d -> {
            throw new InvalidFileException(
                    file,
                    "says that its labels are \"" + d.text()
                            + "\", without their meaning; name the schema with --schema"
                            + " (of predictions: --prediction-schema): one of " + LabelSchema.knownNames()
                            + ", or the path of the dataset.json that it was made with");
        });
        return declaration.flatMap(LabelDeclaration::schema);
    }

    /** What Preceptor wrote into the header of a label map, understood or not; empty for the file of another program. */
    public static Optional<LabelDeclaration> declarationIn(Path file) {
        try {
            return LabelDeclaration.in(Nifti.readHeader(file));
        } catch (InvalidFileException e) {
            // A broken file declares nothing; validation names it.
            return Optional.empty();
        }
    }

    private static SchemaDecision byValues(Path where, List<LabelSchema> candidates, List<Path> files) {
        int threads = Runtime.getRuntime().availableProcessors();
        Set<Integer> values = new TreeSet<>();
        Parallel.map(files, threads, SchemaDecision::valuesOf).forEach(values::addAll);
        values.remove(0);
        String seen =
                (files.size() == 1 ? "the label map" : files.size() + " label maps") + " in " + where.getFileName()
                        + " hold" + (files.size() == 1 ? "s " : " ")
                        + (values.isEmpty()
                                ? "nothing"
                                : values.stream().map(String::valueOf).collect(Collectors.joining(", ")));
        if (values.isEmpty()) {
            return new SchemaDecision(
                    candidates.contains(LabelSchema.BRATS_2018) ? LabelSchema.BRATS_2018 : candidates.get(0),
                    "by values: " + seen);
        }
        if (candidates.contains(LabelSchema.BRATS_2018) && values.contains(4) && !values.contains(3)) {
            return new SchemaDecision(LabelSchema.BRATS_2018, "by values: " + seen + " and no 3");
        }
        // Validation names the subjects with values that no schema has.
        values.removeIf(value -> candidates.stream().noneMatch(schema -> schema.allows(value)));
        List<LabelSchema> fitting = candidates.stream()
                .filter(schema -> !values.isEmpty() && values.stream().allMatch(schema::allows))
                .toList();
        Map<Map<Integer, Tissue>, LabelSchema> meanings = new LinkedHashMap<>();
        fitting.forEach(schema -> meanings.putIfAbsent(schema.only(values).tissues(), schema));
        if (meanings.size() == 1) {
            return new SchemaDecision(fitting.get(0), "by values: " + seen);
        }
        throw new InvalidCohortException(where + ": " + seen + ", "
                + (fitting.isEmpty() ? "which fits none of " + join(candidates) : "which fits " + join(fitting))
                + "; say which it is with --schema NAME, or with the dataset.json of the data set");
    }

    private static String join(List<LabelSchema> schemas) {
        return schemas.stream().map(LabelSchema::toString).collect(Collectors.joining(" and "));
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
