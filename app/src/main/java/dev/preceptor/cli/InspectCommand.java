package dev.preceptor.cli;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Settings;
import dev.preceptor.dicom.DicomInspection;
import dev.preceptor.model.ModelInspection;
import dev.preceptor.model.ReferenceWeights;
import dev.preceptor.nifti.Nifti;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** {@code preceptor inspect}: describes a file, or says why it cannot be read. */
@Command(
        name = "inspect",
        description =
                "Describe a NIfTI or DICOM file, a model or a checkpoint, reading all of it, or the DICOM series in a folder.",
        sortOptions = false)
final class InspectCommand implements Callable<Integer> {
    private static final Pattern LABEL_MAP =
            Pattern.compile("(seg[._-].*|(.*[._-])?seg)\\.(nii|hdr|img)(\\.gz)?", Pattern.CASE_INSENSITIVE);

    @Parameters(
            paramLabel = "FILE",
            description = "A NIfTI file, a DICOM file or folder, a model, or the folder of a checkpoint.")
    private Path file;

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Map<String, Object> fields = new LinkedHashMap<>();
        switch (FileKind.of(file)) {
            case NIFTI -> {
                fields.putAll(Nifti.summarise(file).toMap());
                if (LABEL_MAP.matcher(file.getFileName().toString()).matches()) {
                    fields.put("labels", Nifti.readLabelValues(file));
                }
            }
            case MODEL -> {
                List<ReferenceWeights> networks = ReferenceWeights.in(file);
                if (networks.isEmpty()) {
                    ModelInspection model = ModelInspection.of(file);
                    if (!json) {
                        spec.commandLine().getOut().print(model.toText());
                        spec.commandLine().getOut().flush();
                        return 0;
                    }
                    fields.putAll(model.toMap());
                } else {
                    fields.put("format", "weights of MTCM-KD's reference implementation");
                    networks.forEach(network -> fields.put(
                            network.group().isEmpty() ? "network" : network.group(),
                            network.network().name() + " " + network.network().arguments() + ", "
                                    + network.network().inputs() + " inputs, "
                                    + network.network().outputs() + " outputs, " + network.parameters()
                                    + " weights"));
                }
            }
            case DICOM -> {
                DicomInspection dicom = DicomInspection.of(file);
                if (!json) {
                    spec.commandLine().getOut().print(dicom.toText());
                    spec.commandLine().getOut().flush();
                    return 0;
                }
                fields.putAll(dicom.toMap());
            }
            case CHECKPOINT -> {
                fields.put("format", "checkpoint");
                fields.putAll(fieldsOf(read(file.resolve("state.json"))));
            }
        }
        if (json) {
            spec.commandLine().getOut().print(JsonFiles.text(fields));
        } else {
            fields.forEach((name, value) ->
                    spec.commandLine().getOut().println(String.format(Locale.ROOT, "%-14s %s", name, text(value))));
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static String text(Object value) {
        if (value instanceof double[][] rows) {
            return Arrays.stream(rows).map(Arrays::toString).collect(Collectors.joining(" "));
        }
        return String.valueOf(value);
    }

    private static Map<String, Object> fieldsOf(Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        JsonNode tree = Settings.JSON.valueToTree(value);
        tree.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue()));
        return map;
    }

    private static JsonNode read(Path state) {
        try {
            return Settings.JSON.readTree(Files.readString(state));
        } catch (IOException | JacksonException e) {
            throw new InvalidFileException(state, "is not the state of a checkpoint", e);
        }
    }
}
