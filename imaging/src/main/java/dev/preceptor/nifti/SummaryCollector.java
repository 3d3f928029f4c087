package dev.preceptor.nifti;

import java.util.ArrayList;
import java.util.List;

/** Computes {@link NiftiSummary.Values} from chunks of voxels. */
final class SummaryCollector implements NiftiFile.VoxelConsumer {
    private final List<Double> first = new ArrayList<>();
    private double beforeLast = Double.NaN;
    private double last = Double.NaN;
    private long total;
    private double sum;

    @Override
    public void accept(double[] values, int count) {
        for (int i = 0; i < count; i++) {
            sum += values[i];
        }
        for (int i = 0; i < count && first.size() < 5; i++) {
            first.add(values[i]);
        }
        beforeLast = count > 1 ? values[count - 2] : last;
        last = values[count - 1];
        total += count;
    }

    NiftiSummary.Values values() {
        return new NiftiSummary.Values(first, total > 1 ? List.of(beforeLast, last) : List.of(last), sum);
    }
}
