package dev.preceptor.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Against NumPy 2.4.6 and SciPy 1.17.1: {@code study/scripts/statistics_fixture.py} made the fixture. */
class StatisticsTest {
    private static final JsonNode FIXTURE = fixture();
    private static final double NONE = Double.NaN;

    @Nested
    class AgainstSciPy {
        @Test
        void wilcoxonAndEffectSizesAreTheSame() {
            for (JsonNode expected : FIXTURE.get("cases")) {
                PairedComparison found = PairedComparison.of(
                        values(expected, "first"), values(expected, "second"), true, Bootstrap.DEFAULTS);
                String name = expected.get("name").asString();
                assertEquals(expected.get("p").asDouble(), found.p(), 1e-9, name);
                assertEquals(expected.get("difference").asDouble(), found.difference(), 1e-12, name);
                assertEquals(expected.get("wins").asInt(), found.wins(), name);
                assertEquals(expected.get("ties").asInt(), found.ties(), name);
                assertEquals(expected.get("losses").asInt(), found.losses(), name);
                assertEquals(expected.get("rankBiserial").asDouble(), found.rankBiserial(), 1e-12, name);
                double dz = expected.get("cohenDz").isNull()
                        ? NONE
                        : expected.get("cohenDz").asDouble();
                assertEquals(dz, found.cohenDz(), 1e-9, name);
            }
        }

        @Test
        void theBootstrapIntervalIsThatOfAMillionDrawsWithinItsNoise() {
            for (JsonNode expected : FIXTURE.get("cases")) {
                Interval found = PairedComparison.of(
                                values(expected, "first"), values(expected, "second"), true, Bootstrap.DEFAULTS)
                        .interval();
                double low = expected.get("low").asDouble();
                double high = expected.get("high").asDouble();
                double noise = 0.03 * (high - low);
                assertEquals(low, found.low(), noise, expected.get("name").asString());
                assertEquals(high, found.high(), noise, expected.get("name").asString());
            }
        }

        @Test
        void meanDeviationAndMedianAreTheSame() {
            for (JsonNode expected : FIXTURE.get("cases")) {
                Distribution found = Distribution.of(values(expected, "first"), Bootstrap.DEFAULTS);
                assertEquals(expected.get("mean").asDouble(), found.mean(), 1e-12);
                assertEquals(expected.get("deviation").asDouble(), found.deviation(), 1e-12);
                assertEquals(expected.get("median").asDouble(), found.median(), 1e-12);
            }
        }

        @Test
        void holmIsTheSame() {
            JsonNode expected = FIXTURE.get("holm");
            assertArrayEquals(values(expected, "adjusted"), Holm.adjusted(values(expected, "p")), 1e-12);
        }
    }

    @Nested
    class TheGapAgainstSciPy {
        @Test
        void gapShareAndIntervalsAreThoseOfAMillionDrawsWithinTheirNoise() {
            JsonNode expected = FIXTURE.get("gaps").get(0);
            GapClosed found = gap(expected);
            assertTrue(found.exists());
            assertEquals(expected.get("gap").asDouble(), found.gap(), 1e-12);
            assertEquals(expected.get("share").asDouble(), found.share(), 1e-12);
            assertInterval(expected, "gapLow", "gapHigh", found.gapInterval());
            assertInterval(expected, "low", "high", found.interval());
        }

        @Test
        void aGapWhoseIntervalHoldsZeroIsNone() {
            JsonNode expected = FIXTURE.get("gaps").get(1);
            GapClosed found = gap(expected);
            assertEquals(expected.get("gap").asDouble(), found.gap(), 1e-12);
            assertTrue(found.gap() > 0);
            assertInterval(expected, "gapLow", "gapHigh", found.gapInterval());
            assertFalse(found.exists());
            assertEquals(NONE, found.share());
            assertEquals(Interval.NONE, found.interval());
        }

        private GapClosed gap(JsonNode expected) {
            return GapClosed.of(
                    values(expected, "baseline"),
                    values(expected, "student"),
                    values(expected, "teacher"),
                    true,
                    Bootstrap.DEFAULTS);
        }

        private void assertInterval(JsonNode expected, String low, String high, Interval found) {
            double noise =
                    0.03 * (expected.get(high).asDouble() - expected.get(low).asDouble());
            assertEquals(expected.get(low).asDouble(), found.low(), noise);
            assertEquals(expected.get(high).asDouble(), found.high(), noise);
        }
    }

    @Nested
    class WhatIsMissing {
        @Test
        void aSubjectWithAValueInOneMethodOnlyIsLeftOut() {
            PairedComparison found = PairedComparison.of(
                    new double[] {0.5, NONE, 0.7, 0.9}, new double[] {0.4, 0.4, NONE, 0.6}, true, Bootstrap.DEFAULTS);
            assertEquals(2, found.count());
            assertEquals(0.2, found.difference(), 1e-12);
            assertEquals(2, found.wins());
        }

        @Test
        void withoutSubjectsNothingIsCompared() {
            PairedComparison found =
                    PairedComparison.of(new double[] {NONE}, new double[] {1}, true, Bootstrap.DEFAULTS);
            assertEquals(0, found.count());
            assertEquals(NONE, found.p());
            assertEquals(NONE, found.rankBiserial());
        }

        @Test
        void aMissingTestCountsInNoFamily() {
            assertArrayEquals(new double[] {0.02, NONE, 0.03}, Holm.adjusted(new double[] {0.01, NONE, 0.03}));
        }

        @Test
        void oneSubjectHasNoInterval() {
            assertEquals(
                    Interval.NONE,
                    Distribution.of(new double[] {0.5, NONE}, Bootstrap.DEFAULTS)
                            .interval());
        }
    }

    @Test
    void ifLowerIsBetterTheEffectChangesItsSignAndTheDifferenceDoesNot() {
        double[] near = {3, 4, 5};
        double[] far = {10, 9, 30};
        PairedComparison found = PairedComparison.of(near, far, false, Bootstrap.DEFAULTS);
        assertEquals(3, found.wins());
        assertEquals(1, found.rankBiserial());
        assertTrue(found.cohenDz() > 0);
        assertTrue(found.difference() < 0);
    }

    @Test
    void theBootstrapRepeatsWithItsSeedOnly() {
        double[] values = {1.31, 5.17, 2.43, 8.09, 3.77, 0.61, 4.93};
        assertEquals(Bootstrap.DEFAULTS.ofMean(values), Bootstrap.DEFAULTS.ofMean(values));
        assertNotEquals(Bootstrap.DEFAULTS.ofMean(values), new Bootstrap(10_000, 0.95, 2).ofMean(values));
    }

    @Nested
    class TheGap {
        private final double[] baseline = {0.4, 0.5, 0.6, 0.7};
        private final double[] teacher = {0.6, 0.7, 0.8, 0.9};

        @Test
        void isClosedByAShare() {
            double[] student = {0.45, 0.55, 0.65, 0.75};
            GapClosed found = GapClosed.of(baseline, student, teacher, true, Bootstrap.DEFAULTS);
            assertEquals(0.25, found.share(), 1e-12);
            assertEquals(0.2, found.gap(), 1e-12);
            assertEquals(0.25, found.interval().low(), 1e-9);
            assertEquals(0.25, found.interval().high(), 1e-9);
        }

        @Test
        void hasNoShareIfTheTeacherIsNoBetter() {
            GapClosed found = GapClosed.of(teacher, baseline, baseline, true, Bootstrap.DEFAULTS);
            assertEquals(NONE, found.share());
            assertEquals(-0.2, found.gap(), 1e-12);
        }

        @Test
        void isReversedForADistance() {
            double[] far = Arrays.stream(baseline).map(v -> 100 * v).toArray();
            double[] near = Arrays.stream(baseline).map(v -> 50 * v).toArray();
            double[] between = Arrays.stream(baseline).map(v -> 75 * v).toArray();
            assertEquals(
                    0.5,
                    GapClosed.of(far, between, near, false, Bootstrap.DEFAULTS).share(),
                    1e-12);
        }
    }

    @Test
    void aSpreadOfOneValueHasNoDeviation() {
        assertEquals(new Spread(2, NONE), Spread.of(List.of(2.0, NONE)));
    }

    private static double[] values(JsonNode node, String key) {
        return node.get(key).valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    private static JsonNode fixture() {
        try (InputStream in = StatisticsTest.class.getResourceAsStream("fixture.json")) {
            return Settings.JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
