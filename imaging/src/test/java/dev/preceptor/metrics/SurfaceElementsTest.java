package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SurfaceElementsTest {
    private final SurfaceElements unit = new SurfaceElements(new double[] {1, 1, 1});

    @Test
    void aCodeAndItsComplementHaveTheSameArea() {
        for (int code = 0; code < 256; code++) {
            assertEquals(unit.area(code), unit.area(255 - code), 1e-12, "code " + code);
        }
    }

    @Test
    void hasTheAreasOfTheClassesOfMarchingCubes() {
        double corner = Math.sqrt(3) / 8;
        double edge = Math.sqrt(0.5);
        double bent = 0.5 + 3 * corner;
        assertEquals(0, unit.area(0));
        assertEquals(corner, unit.area(0b1), 1e-12);
        assertEquals(edge, unit.area(0b11), 1e-12);
        assertEquals(2 * corner, unit.area(0b1001), 1e-12);
        assertEquals(bent, unit.area(0b111), 1e-12);
        assertEquals(1, unit.area(0b1111), 1e-12);
        assertEquals(6 * corner, unit.area(0b10111), 1e-12);
        assertEquals(4 * corner, unit.area(0b1101001), 1e-12);
    }

    @Test
    void eachAreaHasTheNumberOfCodesThatTheSymmetriesOfTheCubeGive() {
        Map<Long, Integer> codes = new TreeMap<>();
        for (int code = 0; code < 256; code++) {
            codes.merge(Math.round(unit.area(code) * 1000), 1, Integer::sum);
        }
        assertEquals(
                "{0=2, 217=16, 433=32, 650=16, 707=24, 866=2, 924=48, 1000=6, 1150=48, 1299=8, 1366=24, 1414=6, 1573=24}",
                codes.toString());
    }

    @Test
    void areasScaleWithTheVoxelEdges() {
        SurfaceElements stretched = new SurfaceElements(new double[] {1, 2, 3});
        assertEquals(2, stretched.area(0b1111), 1e-12);
        assertEquals(6, stretched.area(0b1010101), 1e-12);
        assertEquals(0.875, stretched.area(0b1), 1e-12);
    }
}
