package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ChoiceTest {
    /** What both have in common. */
    public sealed interface Shape {}

    /** One number, which Jackson would take for the number itself. */
    public record Circle(double radius) implements Shape {
        public Circle {
            Settings.require(radius > 0, "shape.radius", "above 0", radius);
        }
    }

    /** Two numbers and a switch. */
    public record Box(int width, int height, boolean filled) implements Shape {}

    private static final Choice<Shape> SHAPES =
            new Choice<Shape>("shape").or("circle", new Circle(1)).or("box", new Box(1, 2, false));

    @Test
    void theNameTellsTheRecordAndKeysChangeItsDefaults() {
        assertEquals(new Circle(1), SHAPES.read(tree("{\"name\": \"circle\"}")));
        assertEquals(new Box(1, 5, true), SHAPES.read(tree("{\"name\": \"box\", \"height\": 5, \"filled\": true}")));
        assertEquals(List.of("circle", "box"), SHAPES.names());
    }

    @Test
    void aRecordIsWrittenWithItsNameFirstAndReadsBackAsItself() {
        for (Shape shape : List.of(new Circle(0.5), new Box(3, 4, true))) {
            ObjectNode block = SHAPES.write(shape);
            assertEquals("name", block.propertyNames().iterator().next());
            assertEquals(shape, SHAPES.read(block));
        }
    }

    @Test
    void whatCannotBeIsRefusedByItsPath() {
        assertRefused("{\"name\": \"star\"}", "shape.name must be one of circle, box, not \"star\"");
        assertRefused("{\"radius\": 2}", "shape.name must be one of circle, box; there is none in {\"radius\":2}");
        assertRefused("{\"name\": \"circle\", \"width\": 2}", "unknown key \"shape.width\"; known here: name, radius");
        assertRefused("{\"name\": \"circle\", \"radius\": -1}", "shape.radius must be above 0, not -1.0");
        assertRefused("{\"name\": \"box\", \"width\": \"wide\"}", "shape.width");
    }

    @Test
    void aBlockWithAnotherNameReplacesTheOneBelow() {
        ObjectNode tree = tree("{\"shape\": {\"name\": \"box\", \"width\": 3}, \"colour\": {\"red\": 1}}");
        Settings.overlay(tree, tree("{\"shape\": {\"name\": \"circle\"}, \"colour\": {\"blue\": 2}}"));
        assertEquals(tree("{\"shape\": {\"name\": \"circle\"}, \"colour\": {\"red\": 1, \"blue\": 2}}"), tree);
        Settings.overlay(tree, tree("{\"shape\": {\"name\": \"circle\", \"radius\": 2}}"));
        Settings.overlay(tree, tree("{\"shape\": {\"radius\": 3}}"));
        assertEquals(new Circle(3), SHAPES.read(tree.get("shape")));
    }

    private static void assertRefused(String block, String expected) {
        String message = assertThrows(InvalidRecipeException.class, () -> SHAPES.read(tree(block)))
                .getMessage();
        assertTrue(message.startsWith(expected), message);
    }

    private static ObjectNode tree(String json) {
        return (ObjectNode) Settings.JSON.readTree(json);
    }
}
