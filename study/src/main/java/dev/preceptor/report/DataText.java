package dev.preceptor.report;

import dev.preceptor.augment.Augmentation;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.data.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The sentences of {@link RecipeText} about what a training sees: volumes, labels, patches and their augmentation. Stateless. */
final class DataText {
    private DataText() {}

    static String preprocessing(Preprocessing given) {
        List<String> steps = new ArrayList<>();
        steps.add("reoriented to " + given.orientation());
        steps.add(given.spacing() > 0 ? "resampled to " + given.spacing() + " mm cubes" : "kept on their own grid");
        steps.add(
                given.normalisation() == Preprocessing.Normalisation.RAW
                        ? "not normalised"
                        : "normalised to zero mean and unit variance over their non-zero voxels");
        steps.add(
                switch (given.crop()) {
                    case BRAIN -> "cropped to what is not zero";
                    case CENTRE -> "cropped to " + extents(given.size()) + " voxels around the middle";
                    case BOX -> "cropped to " + extents(given.size()) + " voxels from " + given.from();
                    case NONE -> "not cropped";
                });
        if (!given.resize().isEmpty()) {
            steps.add("resized to " + extents(given.resize()) + " by the nearest voxel");
        }
        if (given.stride() > 1) {
            steps.add("subsampled by " + given.stride() + " along each axis");
        }
        return "Volumes were " + String.join(", ", steps) + ".";
    }

    static String labels(Sampling given) {
        return given.labelled() == 0
                ? "Labels of all training subjects were used."
                : "Labels of " + given.labelled() + " training subject" + (given.labelled() == 1 ? "" : "s")
                        + ", drawn by the seed, were used.";
    }

    static String unlabelled(Sampling.Unlabelled given) {
        if (!given.draws()) {
            return "Subjects without labels were not used.";
        }
        String part = given.share() > 0
                ? "A share of " + given.share() + " of each batch came from "
                : given.every() == 1
                        ? "After each labelled batch one came from "
                        : "After every " + given.every() + " labelled batches one came from ";
        return part
                + (given.subjects() == 0
                        ? "subjects without labels."
                        : given.subjects() + " subjects without labels, drawn by the seed.");
    }

    static String sampling(Sampling given) {
        return "A step took " + given.batch() + " patch" + (given.batch() == 1 ? "" : "es") + " of "
                + extents(given.patch()) + " voxels, a share of " + given.foreground()
                + " of them centred on tumour, each axis mirrored with probability " + given.flip() + "; an epoch had "
                + (given.stepsPerEpoch() == 0
                        ? "as many steps as it takes to see each subject once."
                        : given.stepsPerEpoch() + " steps.");
    }

    static String augmentation(Augmentation given) {
        List<String> transforms = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry :
                Settings.JSON.<ObjectNode>valueToTree(given).properties()) {
            JsonNode transform = entry.getValue();
            if (transform.path("probability").asDouble(0) > 0) {
                transforms.add(entry.getKey().replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT)
                        + " with probability " + transform.get("probability").asString()
                        + " (from " + transform.get("from").asString() + " to "
                        + transform.get("to").asString()
                        + (transform.has("perSequence")
                                ? ", each sequence with probability "
                                        + transform.get("perSequence").asString()
                                : "")
                        + ")");
            }
        }
        if (given.sequenceDropout() > 0) {
            transforms.add(
                    "sequences of a teacher set to 0 with probability " + given.sequenceDropout() + ", one remaining");
        }
        return transforms.isEmpty()
                ? "No other augmentation was used."
                : "Patches were augmented further: " + String.join(", ", transforms) + ".";
    }

    private static String extents(List<Integer> sizes) {
        return sizes.stream().map(String::valueOf).collect(Collectors.joining("\u00d7"));
    }
}
