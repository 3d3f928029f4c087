package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A method by name, before its networks exist: its options with their defaults, and its constructor. */
public interface MethodKind {
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
                return Settings.JSON.valueToTree(options(distillation));
            }

            @Override
            public Method create(MethodSetup setup) {
                return constructor.apply(setup, options(setup.distillation()));
            }

            private O options(JsonNode distillation) {
                ObjectNode tree = Settings.JSON.valueToTree(defaults);
                Settings.merge(tree, distillation, "distillation");
                @SuppressWarnings("unchecked")
                Class<O> type = (Class<O>) defaults.getClass();
                return Settings.bind(tree, type, "distillation");
            }
        };
    }
}
