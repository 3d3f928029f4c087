package dev.preceptor.spark;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.Region;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The text in which records travel between driver and executors. Numbers keep every bit, NaN included; only the components of a
 * record are written. Stateless.
 */
final class TaskJson {
    private static final JsonMapper PLAIN = mapper(new SimpleModule("plain"));
    private static final JsonMapper MAPPER = mapper(new SimpleModule("keys")
            .addKeySerializer(Region.class, new RegionName())
            .addKeyDeserializer(Region.class, new NamedRegion()));

    private TaskJson() {}

    private static JsonMapper mapper(SimpleModule keys) {
        return JsonMapper.builder()
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .changeDefaultVisibility(visible -> visible.withGetterVisibility(Visibility.NONE)
                        .withIsGetterVisibility(Visibility.NONE)
                        .withFieldVisibility(Visibility.ANY))
                .addModule(keys)
                .build();
    }

    /** A record as text on one line. */
    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /**
     * The record of a text.
     *
     * @throws PreceptorException if the text was written by another version
     */
    static <T> T of(String text, Class<T> type) {
        try {
            return MAPPER.readValue(text, type);
        } catch (JacksonException e) {
            throw new PreceptorException(
                    "driver and executors run different versions (" + type.getSimpleName() + ": "
                            + e.getOriginalMessage() + "); install the same version of Preceptor on all machines",
                    e);
        }
    }

    /** A region as the key of a map is its whole text. */
    private static final class RegionName extends ValueSerializer<Region> {
        @Override
        public void serialize(Region region, JsonGenerator generator, SerializationContext context) {
            generator.writeName(PLAIN.writeValueAsString(region));
        }
    }

    private static final class NamedRegion extends KeyDeserializer {
        @Override
        public Region deserializeKey(String key, DeserializationContext context) {
            return PLAIN.readValue(key, Region.class);
        }
    }
}
