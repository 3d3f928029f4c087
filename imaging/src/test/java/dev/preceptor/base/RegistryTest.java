package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RegistryTest {
    /** A service with two providers in the test resources. */
    public interface Colours {
        Map<String, Integer> colours();
    }

    /** Provides red. */
    public static final class Warm implements Colours {
        @Override
        public Map<String, Integer> colours() {
            return Map.of("red", 1);
        }
    }

    /** Provides blue and red. */
    public static final class Cold implements Colours {
        @Override
        public Map<String, Integer> colours() {
            return Map.of("blue", 2, "red", 3);
        }
    }

    /** A service whose provider is declared but missing. */
    public interface Missing {}

    private final Registry<Integer> registry = Registry.load("colour", Colours.class, Colours::colours);

    @Test
    void theValuesOfEveryProviderAreFoundByName() {
        assertEquals(Optional.of(2), registry.find("blue"));
        assertEquals(Optional.empty(), registry.find("green"));
        assertEquals(List.of("blue", "red"), registry.names().stream().sorted().toList());
    }

    @Test
    void aNameOfTwoProvidersIsRefusedWithBothNamed() {
        String message = assertThrows(PreceptorException.class, () -> registry.find("red"))
                .getMessage();
        assertTrue(message.startsWith("the colour \"red\" is provided twice"), message);
        assertTrue(message.contains(Warm.class.getName()) && message.contains(Cold.class.getName()), message);
    }

    @Test
    void aProviderThatCannotBeLoadedIsAnErrorInOneLine() {
        String message = assertThrows(
                        PreceptorException.class, () -> Registry.load("thing", Missing.class, missing -> Map.of()))
                .getMessage();
        assertTrue(message.contains("example.NoSuchClass") && !message.contains("\n"), message);
    }
}
