package dev.preceptor.report;

import dev.preceptor.base.Settings;
import dev.preceptor.distill.EnsembleSettings;
import dev.preceptor.distill.MethodKind;
import dev.preceptor.distill.SynthesiseFirst;
import dev.preceptor.network.Computation;
import dev.preceptor.optim.Optimization;
import dev.preceptor.optim.OptimizerKind;
import dev.preceptor.optim.Schedule;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Describes recipes in sentences for the methods section of a paper. Settings without a sentence are listed where they differ between
 * recipes. Stateless.
 */
public final class RecipeText {
    /**
     * A sentence of the description.
     *
     * @param keys the settings and blocks of settings that it tells
     */
    private record Topic(Function<Recipe, String> sentence, List<String> keys) {
        Topic(Function<Recipe, String> sentence, String... keys) {
            this(sentence, List.of(keys));
        }

        boolean tells(String leaf) {
            return keys.stream().anyMatch(key -> leaf.equals(key) || leaf.startsWith(key + "."));
        }
    }

    private static final List<Topic> TOPICS = List.of(
            new Topic(RecipeText::method, "method", "student", "bedside", "teachers", "distillation"),
            new Topic(RecipeText::networks, "network", "teacherNetwork", "teacherEnsemble"),
            new Topic(recipe -> start(recipe.start()), "start"),
            new Topic(recipe -> DataText.preprocessing(recipe.preprocessing()), "preprocessing"),
            new Topic(recipe -> DataText.labels(recipe.sampling()), "sampling.labelled"),
            new Topic(recipe -> DataText.unlabelled(recipe.sampling().unlabelled()), "sampling.unlabelled"),
            new Topic(
                    recipe -> DataText.sampling(recipe.sampling()),
                    "sampling.patch",
                    "sampling.foreground",
                    "sampling.batch",
                    "sampling.stepsPerEpoch",
                    "sampling.flip"),
            new Topic(recipe -> DataText.augmentation(recipe.augmentation()), "augmentation"),
            new Topic(RecipeText::optimization, "optimization"),
            new Topic(recipe -> precision(recipe.compute().precision()), "compute.precision"),
            new Topic(
                    RecipeText::validation,
                    "validation.on",
                    "validation.fraction",
                    "validation.select",
                    "validation.monitor"),
            new Topic(recipe -> postProcessing(recipe.validation()), "validation.postProcessing"),
            new Topic(
                    recipe -> "Whole volumes were segmented by a sliding window with overlap " + recipe.overlap() + ".",
                    "overlap"));

    private RecipeText() {}

    /** The description of one recipe. */
    public static String of(Recipe recipe) {
        return TOPICS.stream().map(topic -> topic.sentence().apply(recipe)).collect(Collectors.joining(" "));
    }

    /** The description of several recipes by name: common settings once, others with the names of the recipes. */
    public static String of(Map<String, Recipe> recipes) {
        List<String> text = new ArrayList<>();
        TOPICS.forEach(topic -> addByName(text, recipes, topic.sentence()));
        List<String> others = differences(recipes.values());
        if (!others.isEmpty()) {
            addByName(text, recipes, recipe -> others(leaves(recipe), others));
        }
        return String.join(" ", text);
    }

    private static void addByName(List<String> text, Map<String, Recipe> recipes, Function<Recipe, String> sentence) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        recipes.forEach((name, recipe) -> names.computeIfAbsent(sentence.apply(recipe), s -> new ArrayList<>())
                .add(name));
        names.forEach((one, own) ->
                text.add(own.size() == recipes.size() ? one : "In " + String.join(", ", own) + ": " + one));
    }

    /** The settings that differ between recipes and that no sentence tells. */
    private static List<String> differences(Collection<Recipe> recipes) {
        Map<String, Set<Optional<JsonNode>>> values = new LinkedHashMap<>();
        List<Map<String, JsonNode>> all =
                recipes.stream().map(RecipeText::leaves).toList();
        all.forEach(leaves -> leaves.keySet().forEach(key -> values.put(key, new HashSet<>())));
        values.forEach((key, found) -> all.forEach(leaves -> found.add(Optional.ofNullable(leaves.get(key)))));
        return values.keySet().stream()
                .filter(key -> values.get(key).size() > 1)
                .filter(key -> TOPICS.stream().noneMatch(topic -> topic.tells(key)))
                .toList();
    }

    private static Map<String, JsonNode> leaves(Recipe recipe) {
        return Settings.leaves(Settings.JSON.valueToTree(recipe));
    }

    private static String others(Map<String, JsonNode> leaves, List<String> keys) {
        return keys.stream()
                .map(key -> key + " " + (leaves.containsKey(key) ? value(leaves.get(key)) : "none"))
                .collect(Collectors.joining(", ", "Other settings: ", "."));
    }

    private static String value(JsonNode node) {
        return Settings.line(node).replace("\"", "");
    }

    private static String method(Recipe recipe) {
        String teachers = recipe.teachers().stream()
                .map(Sequence::names)
                .map(inputs -> "a teacher that sees " + inputs)
                .collect(Collectors.joining(", "));
        String student = "a student that sees " + Sequence.names(recipe.student())
                + (recipe.bedside().isEmpty()
                        ? ""
                        : " (" + Sequence.names(recipe.bedside()) + " alone at validation and prediction)");
        if (recipe.method().equals(SynthesiseFirst.KIND.name())) {
            return "Method " + recipe.method() + ": " + student
                    + " learns to synthesise "
                    + Sequence.names(recipe.teachers().get(0)) + ", then to segment from both"
                    + settings("; settings: ", without(MethodKind.DIAGNOSE, recipe.distillation())) + ".";
        }
        return "Method " + recipe.method() + ": " + student
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
        return (recipe.teacherNetwork().isEmpty()
                        ? "Networks: " + student
                        : "Network of the student: " + student + "; of the teachers: "
                                + network(recipe.teacherNetwork()))
                + ensemble(recipe.teacherEnsemble()) + ".";
    }

    private static String ensemble(EnsembleSettings given) {
        return given.size() == 1
                ? ""
                : "; each teacher was the mean of " + given.size() + " networks"
                        + (given.outOfFold()
                                ? ", each trained without a part of the subjects, which it alone taught"
                                : "");
    }

    private static String start(String given) {
        return switch (given) {
            case Recipe.FRESH -> "The student started from random weights.";
            case Recipe.FROM_TEACHER -> "The student started from the weights of its teacher.";
            default -> "The student started from the weights in " + given + ".";
        };
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
            texts.add(entry.getKey() + " " + value(entry.getValue()));
        }
        return texts.isEmpty() ? "" : lead + String.join(", ", texts);
    }

    private static String precision(Computation.Precision given) {
        return switch (given) {
            case FLOAT32 -> "Networks were trained in float32.";
            case TF32 -> "Networks were trained with convolutions in TF32 where the device has it, float32 elsewhere.";
            case BFLOAT16 -> "Networks were trained with convolutions in bfloat16.";
        };
    }

    private static String optimization(Recipe recipe) {
        Optimization given = recipe.optimization();
        boolean trainsTeachers =
                !recipe.teachers().isEmpty() && recipe.teacherModels().isEmpty();
        return optimizer(given) + " ran for " + given.epochs() + " epochs"
                + (trainsTeachers && given.teacherEpochs() > 0
                        ? " (teachers trained first: " + given.teacherEpochs() + ")"
                        : "")
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
            return "the rate was multiplied by " + plateau.factor()
                    + (plateau.minimum() > 0 ? ", down to " + plateau.minimum() + "," : "") + " after more than "
                    + plateau.patience() + " epochs without a relative improvement of " + plateau.threshold()
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

    private static String validation(Recipe recipe) {
        ValidationSettings given = recipe.validation();
        boolean isFold = given.on() == ValidationSettings.On.FOLD;
        boolean isNone = !isFold && given.fraction() == 0;
        String driven = driven(recipe.optimization());
        return (isFold
                        ? "The held-out fold was the validation"
                        : isNone
                                ? "There was no validation"
                                : "A share of " + given.fraction()
                                        + " of the training subjects was set aside for validation")
                + (driven.isEmpty()
                        ? ""
                        : "; the " + (isNone ? "training " : "validation ")
                                + given.monitor().noun() + " drove " + driven)
                + (isNone || given.select() == ValidationSettings.Select.LAST
                        ? "; the weights of the last epoch were taken."
                        : "; the weights with " + best(given.monitor()) + " were taken"
                                + (isFold
                                        ? ", so that scores on this fold are optimistic."
                                        : ", the last ones without validation."));
    }

    /** What the monitored value decides on; empty for nothing. */
    private static String driven(Optimization given) {
        List<String> driven = new ArrayList<>();
        if (given.schedule() instanceof Schedule.Plateau) {
            driven.add("the schedule");
        }
        if (given.stopAfter() > 0) {
            driven.add("early stopping");
        }
        return String.join(" and ", driven);
    }

    private static String postProcessing(ValidationSettings given) {
        return given.choosesPostProcessing()
                ? "Post-processing (removal of small components, filling of holes) was chosen on the validation subjects."
                : "Predictions were not post-processed.";
    }
}
