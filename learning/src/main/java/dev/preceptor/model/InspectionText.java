package dev.preceptor.model;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The page that {@code preceptor inspect} prints of a model. */
final class InspectionText {
    private static final String LINE = "%-16s %s\n";

    private final ModelInspection model;
    private final ModelDescription description;
    private final StringBuilder text = new StringBuilder();
    private String last = "";

    InspectionText(ModelInspection model) {
        this.model = model;
        this.description = model.description();
    }

    String text() {
        line("segments", names(description) + " from " + sequences());
        line("network", network());
        line("inputs", inputs());
        line("outputs", outputs());
        regions().forEach(region -> line("region", region));
        line("labels", labels());
        line("preprocessing", preprocessing(description.preprocessing()));
        line("tiles", description.patch() + " voxels, neighbours overlap by " + percent(description.overlap()));
        line("post-processing", description.postProcessing().toString());
        List<String> doubt = description.reliability().sentences();
        (doubt.isEmpty() ? List.of("nothing is fitted") : doubt).forEach(sentence -> line("doubt", sentence));
        scores().forEach(score -> line("scores", score));
        trainedOn().forEach(subjects -> line("trained on", subjects));
        TrainedOn.brief(description.provenance()).forEach((key, value) -> {
            if (!TrainedOn.KEYS.contains(key)) {
                line("provenance", key + " " + value);
            }
        });
        line("signature", signature());
        line("hash", model.hash());
        line("sha256", model.sha256() + " (of the file)");
        line("format", model.summary().format());
        return text.toString();
    }

    /** Writes a line, one whatever the value; a name that the line above has is not repeated. */
    private void line(String name, String value) {
        text.append(String.format(Locale.ROOT, LINE, name.equals(last) ? "" : name, ErrorLine.printable(value)));
        last = name;
    }

    private static String names(ModelDescription description) {
        return description.schema().regions().stream().map(Region::name).collect(Collectors.joining(", "));
    }

    private String sequences() {
        return Sequence.names(description.inputs());
    }

    private String network() {
        String arguments = description.network().arguments().entrySet().stream()
                .map(argument -> argument.getKey() + " " + argument.getValue())
                .collect(Collectors.joining(", "));
        return description.network().name()
                + String.format(Locale.ROOT, ", %,d weights", model.summary().parameters())
                + (arguments.isEmpty() ? "" : "; " + arguments);
    }

    private String inputs() {
        if (description.inputs().size() == 1) {
            return sequences();
        }
        if (!model.takesAnySubset()) {
            return "all of " + sequences();
        }
        return "any of " + sequences() + "; validated with "
                + (description.bedside().isEmpty()
                        ? "sequences that the file does not name"
                        : Sequence.names(description.bedside()));
    }

    private String outputs() {
        return description.outputs() == TargetEncoding.REGIONS
                ? "a probability for each region, which may overlap"
                : "a probability for background and each of the classes "
                        + description.schema().classes().stream()
                                .map(Object::toString)
                                .collect(Collectors.joining(", "));
    }

    private List<String> regions() {
        LabelSpace labels = description.schema();
        return labels.regions().stream()
                .map(region -> region.name() + ": labels "
                        + labels.values().entrySet().stream()
                                .filter(value -> region.classes().contains(value.getValue()))
                                .map(value -> value.getKey() + " " + value.getValue())
                                .collect(Collectors.joining(", "))
                        + "; written as " + region.writtenAs())
                .toList();
    }

    private String labels() {
        return description.schema().name() + ": 0 background"
                + description.schema().values().entrySet().stream()
                        .map(value -> ", " + value.getKey() + " " + value.getValue())
                        .collect(Collectors.joining());
    }

    private static String preprocessing(Preprocessing preprocessing) {
        List<String> steps = new ArrayList<>();
        steps.add("turn to " + preprocessing.orientation());
        if (preprocessing.spacing() != 0) {
            steps.add("resample to " + preprocessing.spacing() + " mm");
        }
        if (preprocessing.normalisation() == Preprocessing.Normalisation.ZSCORE_NONZERO) {
            steps.add("scale the non-zero voxels to mean 0 and variance 1");
        }
        switch (preprocessing.crop()) {
            case BRAIN -> steps.add("crop to the non-zero box");
            case CENTRE -> steps.add("crop or pad to the central " + extents(preprocessing.size()) + " voxels");
            case BOX ->
                steps.add("crop or pad to " + extents(preprocessing.size()) + " voxels from "
                        + preprocessing.from().stream().map(Object::toString).collect(Collectors.joining(", ")));
            case NONE -> {
                // The whole volume is no step.
            }
        }
        if (preprocessing.stride() > 1) {
            steps.add("take every voxel of " + preprocessing.stride() + " along each axis");
        }
        if (!preprocessing.resize().isEmpty()) {
            steps.add("resize to " + extents(preprocessing.resize()) + " voxels");
        }
        return String.join(", ", steps);
    }

    private static String extents(List<Integer> extents) {
        return extents.stream().map(Object::toString).collect(Collectors.joining("x"));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private List<String> scores() {
        Scores scores = description.scores();
        if (scores.figures().isEmpty()) {
            return List.of("none");
        }
        List<String> lines = new ArrayList<>();
        lines.add("of " + scores.subjects() + " (n = " + scores.count() + "), convention " + scores.convention());
        List<String> figures = List.copyOf(scores.figures().values().stream()
                .flatMap(each -> each.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new)));
        for (Map.Entry<String, Map<String, Double>> region : scores.figures().entrySet()) {
            lines.add(region.getKey() + ": "
                    + figures.stream()
                            .filter(region.getValue()::containsKey)
                            .map(figure -> figure
                                    + String.format(
                                            Locale.ROOT,
                                            " %.4f",
                                            region.getValue().get(figure)))
                            .collect(Collectors.joining(", ")));
        }
        return lines;
    }

    private List<String> trainedOn() {
        return TrainedOn.of(description)
                .map(subjects -> {
                    List<String> lines = new ArrayList<>();
                    lines.add(subjects.training().size() + " subjects; "
                            + subjects.selection().size() + " selected the weights");
                    if (!subjects.unlabelled().isEmpty()) {
                        lines.add(subjects.unlabelled().size() + " subjects without their labels");
                    }
                    if (!subjects.isComplete()) {
                        lines.add("others, not recorded, of the teachers "
                                + String.join(", ", subjects.unrecordedTeachers()));
                    }
                    return lines;
                })
                .orElse(List.of("not recorded"));
    }

    private String signature() {
        return model.signature()
                .map(signature -> signature.sha256().equals(model.sha256())
                        ? "names the key " + signature.keyId() + "; preceptor verify checks it"
                        : "of other content: the file was changed after it was signed with the key "
                                + signature.keyId())
                .orElse("none");
    }
}
