package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A method by name, before its networks exist: its options with their defaults, and its constructor. */
public interface MethodKind {
    /**
     * The key of the {@code distillation} block of every method that makes the trainer measure the gradient of each loss term:
     * true or false.
     */
    String DIAGNOSE = "diagnose";

    /** The name in recipes. */
    String name();

    /**
     * The {@code distillation} block with every default written out.
     *
     * @throws InvalidRecipeException if a key is unknown or a value out of range
     */
    ObjectNode resolve(JsonNode distillation);

    /** Builds the method with its networks. */
    Method create(MethodSetup setup);

    /**
     * A method whose options are a record: each component is a key of the {@code distillation} block.
     *
     * @param defaults the default of each key
     * @param constructor from setup and options to the method
     */
    static <O extends Record> MethodKind of(
            String name, O defaults, BiFunction<MethodSetup, O, ? extends Method> constructor) {
        return new MethodKind() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public ObjectNode resolve(JsonNode distillation) {
                ObjectNode resolved = Settings.JSON.valueToTree(options(distillation));
                return resolved.put(DIAGNOSE, distillation.path(DIAGNOSE).asBoolean(false));
            }

            @Override
            public Method create(MethodSetup setup) {
                return constructor.apply(setup, options(setup.distillation()));
            }

            private O options(JsonNode distillation) {
                ObjectNode tree = Settings.JSON.valueToTree(defaults);
                tree.put(DIAGNOSE, false);
                Settings.merge(tree, distillation, "distillation");
                JsonNode diagnose = tree.remove(DIAGNOSE);
                Settings.require(diagnose.isBoolean(), "distillation." + DIAGNOSE, "true or false", diagnose);
                @SuppressWarnings("unchecked")
                Class<O> type = (Class<O>) defaults.getClass();
                return Settings.bind(tree, type, "distillation");
            }
        };
    }
}
