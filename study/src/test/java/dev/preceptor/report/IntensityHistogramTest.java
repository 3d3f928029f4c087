package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IntensityHistogramTest {
    private static Volume image(long seed, double centre, double width) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] voxels = new float[1000];
        for (int i = 200; i < voxels.length; i++) {
            voxels[i] = (float) (centre + width * (random.nextDouble() - 0.5));
        }
        return new Volume(Grid.of(new Size(10, 10, 10), 1), voxels);
    }

    private static Map<String, IntensityStatistics> cohort(double... centres) {
        Map<String, IntensityStatistics> images = new LinkedHashMap<>();
        for (int i = 0; i < centres.length; i++) {
            images.put("S" + i, IntensityStatistics.of(image(i, centres[i], 40)));
        }
        return images;
    }

    @Test
    void otherBinsHoldTheSameVoxels() {
        for (long seed = 1; seed <= 50; seed++) {
            Volume image = image(seed, 100 * seed - 2500, 1 + seed);
            IntensityHistogram histogram = IntensityHistogram.of(image, IntensityStatistics.of(image));
            double[] bins = histogram.rebinned(-4000, 4000, 7 + (int) seed);
            assertEquals(800, Arrays.stream(bins).sum(), 1e-6, "seed " + seed);
            assertTrue(Arrays.stream(bins).allMatch(count -> count >= 0), "seed " + seed);
        }
    }

    @Test
    void aConstantImageHasAHistogramToo() {
        float[] voxels = new float[8];
        Arrays.fill(voxels, 3, 8, 7f);
        Volume image = new Volume(Grid.of(new Size(2, 2, 2), 1), voxels);
        IntensityHistogram histogram = IntensityHistogram.of(image, IntensityStatistics.of(image));
        assertEquals(5, Arrays.stream(histogram.rebinned(0, 10, 10)).sum(), 1e-6);
    }

    @Test
    void theSubjectFarFromTheOthersStandsOut() {
        List<Outlier> outliers = Outlier.among(cohort(300, 310, 290, 305, 1500, 280));
        assertEquals(List.of("S4"), outliers.stream().map(Outlier::subject).toList());
        assertEquals("median", outliers.get(0).figure());
        assertEquals(1500, outliers.get(0).value(), 20);
        assertEquals(302, outliers.get(0).usual(), 10);
    }

    @Test
    void whatDiffersByLessThanAFactorNeverStandsOut() {
        assertEquals(List.of(), Outlier.among(cohort(300, 300, 300, 300, 300, 450)));
    }

    @Test
    void fourSubjectsAreTooFewToStandOutFrom() {
        assertEquals(List.of(), Outlier.among(cohort(300, 300, 300, 3000)));
    }

    @Test
    void normalisedImagesAroundZeroAreComparedByTheirSpread() {
        assertEquals(
                List.of("S5"),
                Outlier.among(cohort(0.5, -0.5, 1, -1, 0, 400)).stream()
                        .map(Outlier::subject)
                        .toList());
    }

    @Test
    void aCtWithAirGetsTheWindowOfTheBrain() {
        IntensityStatistics air = new IntensityStatistics(1000, -500, 600, -1000, -900, 1500);
        assertEquals(new Window(-10, 90), Window.of(new Sequence("CT"), air));
        assertEquals(new Window(-1000, 1500), Window.of(Sequence.T1, air));
        IntensityStatistics stripped = new IntensityStatistics(1000, 35, 10, 5, 35, 80);
        assertEquals(new Window(0, 80), Window.of(new Sequence("CT"), stripped));
    }
}
