package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Parallel;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The label schemas that the headers of a set of label maps declare.
 *
 * @param schema the schema that includes all declared ones; empty if no file declares one
 * @param example a file that declares it
 * @param isComplete whether every file declares a schema
 */
record Declarations(Optional<LabelSpace> schema, Optional<Path> example, boolean isComplete) {

    /**
     * Reads the headers.
     *
     * @throws InvalidFileException if a declaration has no meaning, or two declarations contradict each other
     */
    static Declarations in(List<Path> files) {
        record Declared(Path file, LabelSpace schema) {}
        List<Declared> declared = Parallel.map(
                        files,
                        Runtime.getRuntime().availableProcessors(),
                        file -> SchemaDecision.declaredIn(file).map(schema -> new Declared(file, schema)))
                .stream()
                .flatMap(Optional::stream)
                .toList();
        if (declared.isEmpty()) {
            return new Declarations(Optional.empty(), Optional.empty(), false);
        }
        Declared widest = declared.get(0);
        for (Declared other : declared) {
            if (!other.schema.agreesWith(widest.schema)) {
                throw new InvalidFileException(
                        other.file,
                        "declares the labels " + other.schema + ", but " + widest.file.getFileName() + " declares "
                                + widest.schema
                                + "; put them into separate folders, or give the schema with --schema NAME");
            }
            widest = other.schema.includes(widest.schema) && !widest.schema.includes(other.schema) ? other : widest;
        }
        return new Declarations(Optional.of(widest.schema), Optional.of(widest.file), declared.size() == files.size());
    }

    /** Whether the ids allow the declared schema. */
    boolean agreeWith(Optional<Naming> naming) {
        return naming.isPresent()
                && naming.get().candidates().stream().anyMatch(candidate -> candidate.includes(schema.orElseThrow()));
    }

    /**
     * Returns a decision unless a declaration contradicts it.
     *
     * @throws InvalidFileException if a file declares another meaning
     */
    SchemaDecision confirm(SchemaDecision decision) {
        schema.filter(declared -> !declared.agreesWith(decision.schema())).ifPresent(declared -> {
            throw new InvalidFileException(
                    example.orElseThrow(),
                    "declares the labels " + declared + ", but " + decision.reason() + " they are " + decision.schema()
                            + "; give the schema with --schema NAME");
        });
        return decision;
    }
}
