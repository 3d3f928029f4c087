package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class NamedBlockTest {
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
    @NamedBlock("shape")
    public sealed interface Shape permits Round, Box, Point {}

    /** Sealed again, as the schedules are. */
    public sealed interface Round extends Shape permits Circle {}

    /** A record of one number: its block must not bind to the number itself. */
    @JsonTypeName("circle")
    public record Circle(double radius) implements Round {
        public Circle() {
            this(1);
        }

        public Circle {
            Settings.require(radius > 0, "shape.radius", "above 0", radius);
        }
    }

    @JsonTypeName("box")
    public record Box(int width, int height, boolean filled) implements Shape {
        public Box() {
            this(1, 2, false);
        }
    }

    @JsonTypeName("point")
    public record Point() implements Shape {}

    public record Drawing(List<Shape> shapes) {}

    @Test
    void theNameSelectsTheRecordAndKeysOverrideItsDefaults() {
        assertEquals(new Circle(1), read("{\"name\": \"circle\"}"));
        assertEquals(new Box(1, 5, true), read("{\"height\": 5, \"name\": \"box\", \"filled\": true}"));
        assertEquals(new Point(), read("{\"name\": \"point\"}"));
    }

    @Test
    void aRecordIsWrittenWithItsNameFirstAndReadsBackAsItself() {
        for (Shape shape : List.of(new Circle(0.5), new Box(3, 4, true), new Point())) {
            ObjectNode block = Settings.JSON.valueToTree(shape);
            assertEquals("name", block.propertyNames().iterator().next());
            assertEquals(shape, Settings.bind(block, Shape.class, "shape"));
        }
        assertEquals(
                List.of("name", "width", "height", "filled"),
                List.copyOf(Settings.JSON.valueToTree(new Box()).propertyNames()));
    }

    @Test
    void aListOfBlocksReadsBackAsItself() {
        Drawing drawing = new Drawing(List.of(new Circle(2), new Box(3, 4, false)));
        ObjectNode tree = Settings.JSON.valueToTree(drawing);
        assertEquals("circle", tree.path("shapes").path(0).path("name").stringValue());
        assertEquals(drawing, Settings.bind(tree, Drawing.class, ""));
    }

    @Test
    void anInvalidBlockIsRefusedByItsPath() {
        assertRefused("{\"name\": \"star\"}", "shape.name must be one of circle, box, point, not \"star\"");
        assertRefused("{\"name\": [1]}", "shape.name must be one of circle, box, point, not [1]");
        assertRefused(
                "{\"radius\": 2}", "shape.name must be one of circle, box, point; there is none in {\"radius\":2}");
        assertRefused("5", "shape.name must be one of circle, box, point; there is none in 5");
        assertRefused("null", "shape.name must be one of circle, box, point; there is none in null");
        assertRefused("{\"name\": \"circle\", \"width\": 2}", "unknown key \"shape.width\"; known here: name, radius");
        assertRefused("{\"name\": \"circle\", \"radius\": -1}", "shape.radius must be above 0, not -1.0");
        assertRefused("{\"name\": \"circle\", \"radius\": null}", "shape.radius has no value");
        assertRefused("{\"name\": \"box\", \"width\": \"wide\"}", "shape.width must be a whole number");
        assertRefused("{\"name\": \"point\", \"x\": 1}", "unknown key \"shape.x\"; known here: name");
    }

    @Test
    void aBlockWithAnotherNameReplacesTheOneBelow() {
        ObjectNode tree = tree("{\"shape\": {\"name\": \"box\", \"width\": 3}, \"colour\": {\"red\": 1}}");
        Settings.overlay(tree, tree("{\"shape\": {\"name\": \"circle\"}, \"colour\": {\"blue\": 2}}"));
        assertEquals(tree("{\"shape\": {\"name\": \"circle\"}, \"colour\": {\"red\": 1, \"blue\": 2}}"), tree);
        Settings.overlay(tree, tree("{\"shape\": {\"name\": \"circle\", \"radius\": 2}}"));
        Settings.overlay(tree, tree("{\"shape\": {\"radius\": 3}}"));
        assertEquals(new Circle(3), Settings.bind(tree.get("shape"), Shape.class, "shape"));
    }

    private static void assertRefused(String block, String expected) {
        String list = "{\"shapes\": [{\"name\": \"point\"}, " + block + "]}";
        String message = assertThrows(InvalidRecipeException.class, () -> Settings.bind(tree(list), Drawing.class, ""))
                .getMessage();
        assertTrue(message.startsWith(expected), message);
        if (!block.equals("null")) {
            message = assertThrows(InvalidRecipeException.class, () -> read(block))
                    .getMessage();
            assertTrue(message.startsWith(expected), message);
        }
    }

    private static Shape read(String block) {
        return Settings.bind(Settings.JSON.readTree(block), Shape.class, "shape");
    }

    private static ObjectNode tree(String json) {
        return (ObjectNode) Settings.JSON.readTree(json);
    }
}
