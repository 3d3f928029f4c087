package dev.preceptor.cli;

import dev.preceptor.volume.LabelSchema;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option for the label schema of a cohort. */
final class SchemaOption {
    @Option(
            names = "--schema",
            paramLabel = "NAME|FILE",
            converter = SchemaName.class,
            description =
                    "Label schema, where the files do not decide it: BRATS_2013, BRATS_2018, BRATS_2023, BRATS_2024,"
                            + " BRATS_PED_2024, MSD_TASK01, the path of a dataset.json, or labels such as {1 NCR, 2 ED, 4 ET}.")
    private Optional<LabelSchema> schema = Optional.empty();

    Optional<LabelSchema> schema() {
        return schema;
    }
}
