package dev.preceptor.model;

import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The model card, Markdown text written from a model's description. */
final class ModelCard {
    private ModelCard() {}

    static String of(ModelDescription model) {
        String inputs = Sequence.names(model.inputs());
        String regions = model.schema().regions().stream().map(Region::name).collect(Collectors.joining(", "));
        StringBuilder card = new StringBuilder();
        section(
                card,
                "# Segmentation of " + regions + " from " + inputs,
                "Segments " + regions + " (label space " + model.schema() + ") in a brain MRI. Written by Preceptor.");
        section(card, "## Intended use", """
                Research. This model is not a medical device; its safety and benefit for patients have not been shown. Every
                segmentation must be checked by a qualified person.""");
        section(
                card,
                "## Inputs",
                """
                %s, skull-stripped with background exactly 0, on one grid. Oriented to %s, %s, normalisation %s, crop %s,
                subsampled by %d, in tiles of %s voxels with an overlap of %s.""".formatted(
                                        inputs,
                                        model.preprocessing().orientation(),
                                        model.preprocessing().spacing() == 0
                                                ? "not resampled"
                                                : "resampled to "
                                                        + model.preprocessing().spacing() + " mm",
                                        model.preprocessing().normalisation(),
                                        model.preprocessing().crop(),
                                        model.preprocessing().stride(),
                                        model.patch(),
                                        model.overlap())
                        + (model.bedside().isEmpty()
                                ? ""
                                : "\n\nAny of these sequences will do. The model was validated with "
                                        + Sequence.names(model.bedside())
                                        + "; its scores and what is said of its reliability hold for these alone."));
        section(
                card,
                "## Outputs",
                "Probabilities of " + regions + ", and a label map in the schema " + model.schema() + ".");
        if (!model.postProcessing().keepsAll()) {
            section(
                    card,
                    "## Post-processing",
                    "Before the masks of the regions become labels, predict removes from them, unless --post-processing none is"
                            + " given:\n\n"
                            + model.postProcessing().rules().entrySet().stream()
                                    .map(rule -> "- " + rule.getKey() + ": " + rule.getValue())
                                    .collect(Collectors.joining("\n")));
        }
        section(
                card,
                "## Network",
                model.network().name() + " " + model.network().arguments() + ", outputs " + model.outputs() + ".");
        section(
                card,
                "## Training data",
                model.provenance().isEmpty()
                        ? "Not recorded."
                        : TrainedOn.brief(model.provenance()).entrySet().stream()
                                .map(e -> "- " + e.getKey() + ": " + e.getValue())
                                .collect(Collectors.joining("\n")));
        section(card, "## Scores", scores(model.scores()));
        List<String> doubt = model.reliability().sentences();
        if (!doubt.isEmpty()) {
            section(
                    card,
                    "## Reliability",
                    doubt.stream().map(line -> "- " + line).collect(Collectors.joining("\n")));
        }
        section(card, "## Limits", """
                The scores hold for subjects like those of the training cohort. Other scanners, protocols, diseases and ages,
                images that are not skull-stripped and brains after surgery may give wrong segmentations without a warning.""");
        return card.toString();
    }

    private static void section(StringBuilder card, String heading, String text) {
        card.append(heading).append("\n\n").append(text.strip()).append("\n\n");
    }

    private static String scores(Scores scores) {
        if (scores.figures().isEmpty()) {
            return "Not scored.";
        }
        List<String> names = List.copyOf(scores.figures().values().stream()
                .flatMap(f -> f.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new)));
        StringBuilder table = new StringBuilder("%s (n = %d); convention %s.%n%n"
                .formatted(scores.subjects(), scores.count(), scores.convention())
                .replace(System.lineSeparator(), "\n"));
        table.append("| region | ").append(String.join(" | ", names)).append(" |\n");
        table.append("|---".repeat(names.size() + 1)).append("|\n");
        for (Map.Entry<String, Map<String, Double>> row : scores.figures().entrySet()) {
            table.append("| ").append(row.getKey());
            for (String name : names) {
                Double value = row.getValue().get(name);
                table.append(" | ").append(value == null ? "-" : String.format(Locale.ROOT, "%.4f", value));
            }
            table.append(" |\n");
        }
        return table.toString();
    }
}
