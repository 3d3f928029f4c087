package dev.preceptor.report;

import dev.preceptor.base.Settings;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.data.Sampling;
import dev.preceptor.distill.MethodKind;
import dev.preceptor.distill.SynthesiseFirst;
import dev.preceptor.optim.Optimization;
import dev.preceptor.optim.OptimizerKind;
import dev.preceptor.optim.Schedule;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Describes recipes in sentences for the methods section of a paper. Stateless. */
public final class RecipeText {
    private RecipeText() {}

    /** The description of one recipe. */
    public static String of(Recipe recipe) {
        return String.join(" ", sentences(recipe).values());
    }

    /** The description of several recipes by name: common settings once, others with the names of the recipes. */
    public static String of(Map<String, Recipe> recipes) {
        Map<String, Map<String, List<String>>> byTopic = new LinkedHashMap<>();
        recipes.forEach((name, recipe) -> sentences(recipe)
                .forEach((topic, sentence) -> byTopic.computeIfAbsent(topic, t -> new LinkedHashMap<>())
                        .computeIfAbsent(sentence, s -> new ArrayList<>())
                        .add(name)));
        List<String> text = new ArrayList<>();
        byTopic.values()
                .forEach(sentences -> sentences.forEach((sentence, names) -> text.add(
                        names.size() == recipes.size()
                                ? sentence
                                : "In " + String.join(", ", names) + ": " + sentence)));
        return String.join(" ", text);
    }

    private static Map<String, String> sentences(Recipe recipe) {
        Map<String, String> sentences = new LinkedHashMap<>();
        sentences.put("method", method(recipe));
        sentences.put("network", networks(recipe));
        sentences.put("preprocessing", preprocessing(recipe.preprocessing()));
        sentences.put("sampling", sampling(recipe.sampling()));
        sentences.put("optimization", optimization(recipe.optimization()));
        sentences.put("validation", validation(recipe.validation()));
        sentences.put(
                "overlap", "Whole volumes were segmented by a sliding window with overlap " + recipe.overlap() + ".");
        return sentences;
    }

    private static String method(Recipe recipe) {
        String teachers = recipe.teachers().stream()
                .map(Sequence::names)
                .map(inputs -> "a teacher that sees " + inputs)
                .collect(Collectors.joining(", "));
        if (recipe.method().equals(SynthesiseFirst.KIND.name())) {
            return "Method " + recipe.method() + ": a student that sees " + Sequence.names(recipe.student())
                    + " learns to synthesise "
                    + Sequence.names(recipe.teachers().get(0)) + ", then to segment from both"
                    + settings("; settings: ", without(MethodKind.DIAGNOSE, recipe.distillation())) + ".";
        }
        return "Method " + recipe.method() + ": a student that sees " + Sequence.names(recipe.student())
                + (teachers.isEmpty() ? ", without a teacher" : " learns from the labels and from " + teachers)
                + (recipe.teacherModels().isEmpty()
                        ? ""
                        : ", taken from " + recipe.teacherModels().size() + " model files")
                + settings("; settings of the distillation: ", without(MethodKind.DIAGNOSE, recipe.distillation()))
                + ".";
    }

    private static String networks(Recipe recipe) {
        String student = network(recipe.network());
        if (!recipe.teacherModels().isEmpty()) {
            return "Network of the student: " + student + "; the teachers have those of their model files.";
        }
        return recipe.teacherNetwork().isEmpty()
                ? "Networks: " + student + "."
                : "Network of the student: " + student + "; of the teachers: " + network(recipe.teacherNetwork()) + ".";
    }

    private static String network(ObjectNode network) {
        return network.path("name").asString("") + settings(", with ", without("name", network));
    }

    private static ObjectNode without(String key, ObjectNode block) {
        ObjectNode others = block.deepCopy();
        others.remove(key);
        return others;
    }

    private static String settings(String lead, ObjectNode settings) {
        List<String> texts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : settings.properties()) {
            texts.add(entry.getKey() + " " + Settings.line(entry.getValue()).replace("\"", ""));
        }
        return texts.isEmpty() ? "" : lead + String.join(", ", texts);
    }

    private static String preprocessing(Preprocessing given) {
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

    private static String sampling(Sampling given) {
        return "A step took " + given.batch() + " patch" + (given.batch() == 1 ? "" : "es") + " of "
                + extents(given.patch()) + " voxels, a share of " + given.foreground()
                + " of them centred on tumour, each axis mirrored with probability " + given.flip() + "; an epoch had "
                + (given.stepsPerEpoch() == 0
                        ? "as many steps as it takes to see each subject once."
                        : given.stepsPerEpoch() + " steps.");
    }

    private static String optimization(Optimization given) {
        return optimizer(given) + " ran for " + given.epochs() + " epochs"
                + (given.teacherEpochs() > 0 ? " (teachers trained first: " + given.teacherEpochs() + ")" : "")
                + "; " + schedule(given.schedule())
                + (given.clip() > 0 ? "; gradients were clipped to a norm of " + given.clip() : "")
                + (given.accumulate() > 1
                        ? "; gradients of " + given.accumulate() + " batches were averaged for a step"
                        : "")
                + (given.ema() > 0
                        ? "; the weights that were validated and saved were an exponential moving average with decay "
                                + given.ema()
                        : "")
                + (given.stopAfter() > 0
                        ? "; training stopped after " + given.stopAfter() + " epochs without a lower loss"
                        : "")
                + ".";
    }

    private static String optimizer(Optimization given) {
        String rates = " (learning rate " + given.learningRate();
        String decay = ", weight decay " + given.weightDecay() + ")";
        if (given.optimizer() instanceof OptimizerKind.Sgd sgd) {
            return "Stochastic gradient descent" + rates + ", " + (sgd.nesterov() ? "Nesterov " : "") + "momentum "
                    + sgd.momentum() + decay;
        }
        return (given.optimizer() instanceof OptimizerKind.AdamW ? "AdamW" : "Adam") + rates + ", betas "
                + given.beta1() + " and " + given.beta2() + decay;
    }

    private static String schedule(Schedule given) {
        if (given instanceof Schedule.Poly poly) {
            return "the rate fell to zero with the power " + poly.power() + " of the epochs left";
        }
        if (given instanceof Schedule.Cosine cosine) {
            return (cosine.warmup() > 0
                            ? "the rate rose over " + cosine.warmup() + " epochs and then fell"
                            : "the rate fell")
                    + " along half a cosine to " + cosine.minimum();
        }
        if (given instanceof Schedule.Plateau plateau) {
            return "the rate was multiplied by " + plateau.factor() + " after more than " + plateau.patience()
                    + " epochs without a relative improvement of " + plateau.threshold()
                    + (plateau.after() > 0 ? ", not counting the first " + plateau.after() + " epochs" : "");
        }
        return "the rate was constant";
    }

    private static String best(ValidationSettings.Monitor monitor) {
        return switch (monitor) {
            case TOTAL -> "the lowest validation loss";
            case SUPERVISED -> "the lowest supervised validation loss";
            case DICE -> "the highest mean Dice of the validation subjects";
        };
    }

    private static String validation(ValidationSettings given) {
        String on = given.on() == ValidationSettings.On.FOLD
                ? "The held-out fold drove the schedule"
                : given.fraction() == 0
                        ? "There was no validation; the training loss drove the schedule"
                        : "A share of " + given.fraction() + " of the training subjects was set aside for validation";
        return on
                + (given.select() == ValidationSettings.Select.LAST
                        ? "; the weights of the last epoch were taken."
                        : given.on() == ValidationSettings.On.FOLD
                                ? " and selected the weights, so that scores on this fold are optimistic."
                                : "; the weights with " + best(given.monitor())
                                        + " were taken, the last ones without validation.");
    }

    private static String extents(List<Integer> sizes) {
        return sizes.stream().map(String::valueOf).collect(Collectors.joining("\u00d7"));
    }
}
