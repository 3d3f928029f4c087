package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@Tag("integration")
class MethodsCommandTest {
    @Test
    void printsATableOrTheSameAsJson() {
        Run text = Run.of("methods", "--no-cost");
        assertEquals(0, text.code(), text.err());
        assertTrue(text.out().startsWith("recipe "), text.out());
        Run json = Run.of("methods", "--no-cost", "--json");
        assertEquals(0, json.code(), json.err());
        for (JsonNode method : JsonFiles.parse(json.out()).get("methods")) {
            String name = method.get("name").stringValue();
            assertTrue(text.out().lines().anyMatch(line -> line.startsWith(name + " ")), name);
            assertTrue(text.out().contains(method.get("description").stringValue()), name);
        }
    }
}
