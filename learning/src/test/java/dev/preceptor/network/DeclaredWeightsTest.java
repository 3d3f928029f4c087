package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class DeclaredWeightsTest {
    private final List<Parameters> built = new ArrayList<>();

    private Parameters declared() {
        try (PointerScope scope = new PointerScope()) {
            Parameters parameters = new Parameters();
            parameters.declare("weight", Tensors.of(new float[] {1, 2}, 2));
            built.add(parameters);
            return parameters;
        }
    }

    private Parameters refused() {
        declared();
        Parameters both = new Parameters();
        both.include("part.", declared());
        built.add(both);
        throw new IllegalStateException("refused");
    }

    private List<Long> counts() {
        return built.stream().map(Parameters::count).toList();
    }

    @Test
    void allOwnersOfWeightsAreClosedIfAConstructorFails() {
        assertEquals(
                "refused",
                assertThrows(IllegalStateException.class, () -> DeclaredWeights.freedOnFailure(this::refused))
                        .getMessage());
        assertEquals(List.of(0L, 0L, 0L), counts());
    }

    @Test
    void whatWasConstructedKeepsItsWeights() {
        try (Parameters kept = DeclaredWeights.freedOnFailure(this::declared)) {
            assertSame(built.get(0), kept);
            assertThrows(IllegalStateException.class, () -> DeclaredWeights.freedOnFailure(this::refused));
            assertEquals(List.of(2L, 0L, 0L, 0L), counts());
        }
    }

    @Test
    void theConstructionAroundAnotherClosesWhatThatOneBuilt() {
        assertThrows(
                IllegalStateException.class,
                () -> DeclaredWeights.freedOnFailure(() -> {
                    DeclaredWeights.freedOnFailure(this::declared);
                    return refused();
                }));
        assertEquals(List.of(0L, 0L, 0L, 0L), counts());
    }
}
