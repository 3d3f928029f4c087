package dev.preceptor.base;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.AccessPattern;

/** Fills in the defaults of a {@link NamedBlock} and checks its keys before Jackson binds it to the record of its name. */
final class NamedBlockDeserializer extends ValueDeserializer<Object> {
    private static final String NAME = "name";

    private final String path;
    private final Map<String, Class<? extends Record>> records = new LinkedHashMap<>();

    private NamedBlockDeserializer(Class<?> type, String path) {
        this.path = path;
        collect(type);
    }

    /** Installs the deserializer for every type with {@link NamedBlock}. */
    static final class Modifier extends ValueDeserializerModifier {
        private static final long serialVersionUID = 1;

        @Override
        public ValueDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription.Supplier description, ValueDeserializer<?> deserializer) {
            Class<?> type = description.getBeanClass();
            NamedBlock block = type.getAnnotation(NamedBlock.class);
            return block == null ? deserializer : new NamedBlockDeserializer(type, block.value());
        }
    }

    private void collect(Class<?> sealed) {
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            if (permitted.isSealed()) {
                collect(permitted);
            } else {
                records.put(permitted.getAnnotation(JsonTypeName.class).value(), permitted.asSubclass(Record.class));
            }
        }
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
        return read(context.readTree(parser));
    }

    @Override
    public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer ignored) {
        return deserialize(parser, context);
    }

    @Override
    public Object getNullValue(DeserializationContext context) {
        return read(NullNode.getInstance());
    }

    @Override
    public AccessPattern getNullAccessPattern() {
        return AccessPattern.DYNAMIC;
    }

    private Record read(JsonNode block) {
        Class<? extends Record> type = records.get(block.path(NAME).asString(""));
        if (type == null) {
            throw new InvalidRecipeException(path + ".name must be one of " + String.join(", ", records.keySet())
                    + (block.path(NAME).isMissingNode()
                            ? "; there is none in " + Settings.line(block)
                            : ", not " + block.get(NAME)));
        }
        ObjectNode tree = Settings.JSON.valueToTree(defaults(type));
        Settings.merge(tree, block, path);
        return Settings.bind(tree, type, path);
    }

    private static Record defaults(Class<? extends Record> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " needs a public constructor without arguments", e);
        }
    }
}
