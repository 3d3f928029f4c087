package dev.preceptor.cli;

import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for the label space of a cohort. */
final class SchemaOption {
    @Option(
            names = "--schema",
            paramLabel = "NAME|FILE",
            converter = SchemaName.class,
            description =
                    "Label schema, where the files do not decide it: BRATS_2013, BRATS_2018, BRATS_2023, BRATS_2024,"
                            + " BRATS_PED_2024, MSD_TASK01, the path of a dataset.json, or labels such as {1 NCR, 2 ED, 4 ET}.")
    private Optional<LabelSpace> schema = Optional.empty();

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description =
                    "JSON file with the labels of any lesion, as in nnU-Net's dataset.json: names with values, or regions"
                            + " as lists of values with regions_class_order.")
    private Optional<Path> labels = Optional.empty();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /**
     * The given label space; empty to derive it.
     *
     * @throws ParameterException if both options are given
     * @throws dev.preceptor.base.PreceptorException if the file describes no labels
     */
    Optional<LabelSpace> schema() {
        if (schema.isPresent() && labels.isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "--schema and --labels both say what the labels mean; give one of them");
        }
        return schema.or(
                () -> labels.map(file -> SchemaDecision.describedBy(file).schema()));
    }
}
