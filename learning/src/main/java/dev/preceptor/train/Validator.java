package dev.preceptor.train;

import dev.preceptor.data.Batch;
import dev.preceptor.data.Patch;
import dev.preceptor.data.Sample;
import dev.preceptor.distill.Phase;
import dev.preceptor.network.Outputs;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Losses and volumetric Dice of a phase's leading network over whole subjects, tile by tile without overlap, on the grid
 * of the model. Dice of an absent region: 1 if nothing is predicted there, else 0 (BRATS_LEGACY).
 *
 * @param subjects how many there are
 * @param samples the subjects by number
 * @param tile extents of a tile
 * @param sequences the channels of a sample
 */
record Validator(int subjects, IntFunction<Sample> samples, Size tile, List<Sequence> sequences, Device device) {

    /** Mean losses by name over all tiles, and {@code dice_WT} and so on, means over the subjects. */
    Map<String, Double> validate(Phase phase) {
        Map<String, Double> means = new LinkedHashMap<>();
        double[] dice = new double[Region.BRATS.size()];
        int tiles = 0;
        for (int i = 0; i < subjects; i++) {
            Sample sample = samples.apply(i);
            double[][] counts = new double[Region.BRATS.size()][3];
            for (Box box : tiles(sample.size())) {
                add(means, measure(phase, sample, box, counts));
                tiles++;
            }
            for (int r = 0; r < dice.length; r++) {
                double sizes = counts[r][1] + counts[r][2];
                dice[r] += (sizes == 0 ? 1 : 2 * counts[r][0] / sizes) / subjects;
            }
        }
        int count = tiles;
        means.replaceAll((name, sum) -> sum / count);
        for (int r = 0; r < dice.length; r++) {
            means.put("dice_" + Region.BRATS.get(r).name(), dice[r]);
        }
        return means;
    }

    private Map<String, Double> measure(Phase phase, Sample sample, Box box, double[][] counts) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Batch batch =
                    Batch.of(Patch.of(List.of(new Patch.Cut(sample, box, false, false, false))), sequences, device);
            Phase.Validated validated = phase.validate(batch);
            Tensor predicted = phase.leading().outputs().masks(validated.logits());
            Tensor truth = Outputs.regions(batch.classes());
            double[] overlap = perRegion(predicted.logical_and(truth));
            double[] claimed = perRegion(predicted);
            double[] present = perRegion(truth);
            for (int r = 0; r < counts.length; r++) {
                counts[r][0] += overlap[r];
                counts[r][1] += claimed[r];
                counts[r][2] += present[r];
            }
            return validated.losses().values();
        }
    }

    private static double[] perRegion(Tensor masks) {
        float[] sums = Tensors.toFloats(masks.to(torch.ScalarType.Double).sum(new long[] {0, 2, 3, 4}));
        double[] wide = new double[sums.length];
        for (int i = 0; i < sums.length; i++) {
            wide[i] = sums[i];
        }
        return wide;
    }

    private List<Box> tiles(Size size) {
        List<Box> boxes = new ArrayList<>();
        for (int x : starts(size.x(), tile.x())) {
            for (int y : starts(size.y(), tile.y())) {
                for (int z : starts(size.z(), tile.z())) {
                    boxes.add(Box.at(x, y, z, tile));
                }
            }
        }
        return boxes;
    }

    /** Starts of as few tiles as cover the extent, laid edge to edge and centred, so that they reach over both ends. */
    private static int[] starts(int extent, int tile) {
        int count = (extent + tile - 1) / tile;
        int first = Math.floorDiv(extent - count * tile, 2);
        int[] starts = new int[count];
        for (int i = 0; i < count; i++) {
            starts[i] = first + i * tile;
        }
        return starts;
    }

    static void add(Map<String, Double> sums, Map<String, Double> values) {
        values.forEach((name, value) -> sums.merge(name, value, Double::sum));
    }
}
