package dev.preceptor.cli;

import dev.preceptor.volume.LabelSchema;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What the labels of a cohort mean, where its files do not tell. */
final class SchemaOption {
    @Option(
            names = "--schema",
            paramLabel = "NAME|FILE",
            converter = SchemaName.class,
            description =
                    "What the labels mean, where the files do not tell: BRATS_2013, BRATS_2018, BRATS_2023, BRATS_2024,"
                            + " BRATS_PED_2024, MSD_TASK01, or a dataset.json.")
    private Optional<LabelSchema> schema = Optional.empty();

    Optional<LabelSchema> schema() {
        return schema;
    }
}
