package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Motion artefacts (Shaw et al., MIDL 2019): the patient moves twice during the scan, so that the lines of k-space along an
 * axis come from three rigidly transformed images in turn. The image that provides the centre of k-space is not transformed,
 * so that labels remain valid.
 *
 * @param axis along which the lines are acquired in order: 0, 1 or 2
 * @param moves the transformed images, with disjoint sets of lines
 */
record Motion(int axis, List<Move> moves) implements IntensityTransform {
    /** Number of movements during a scan. */
    private static final int MOVES = 2;

    /**
     * A rigid transform of the image, and the lines acquired from the result.
     *
     * @param from first line, 0 for the most negative frequency
     * @param to one past the last line
     * @param degrees rotations about x, y and z
     * @param shift translation along each axis in voxels
     */
    record Move(int from, int to, double[] degrees, double[] shift) {}

    Motion {
        moves = List.copyOf(moves);
    }

    static Motion draw(TransformSettings settings, Size size, RandomSource random) {
        int axis = random.below(3);
        int lines = size.along(axis);
        int centre = lines / 2;
        int[] times = new int[MOVES + 2];
        times[MOVES + 1] = lines;
        for (int i = 1; i <= MOVES; i++) {
            times[i] = random.below(lines + 1);
        }
        Arrays.sort(times);
        List<Move> moves = new ArrayList<>();
        double strength = settings.draw(random);
        for (int i = 0; i <= MOVES; i++) {
            if (times[i] <= centre && centre < times[i + 1]) {
                continue;
            }
            double[] degrees = new double[3];
            double[] shift = new double[3];
            for (int a = 0; a < 3; a++) {
                degrees[a] = random.uniform(-strength, strength);
                shift[a] = random.uniform(-strength, strength);
            }
            moves.add(new Move(times[i], times[i + 1], degrees, shift));
        }
        return new Motion(axis, moves);
    }

    @Override
    public void apply(DeferredChannel deferred) {
        Channel channel = deferred.materialise();
        int lines = channel.size().along(axis);
        Channel still = channel.copy();
        float[] rest = new float[lines];
        rest[0] = 1;
        for (Move move : moves) {
            float[] kernel = kernel(move.from, move.to, lines);
            for (int i = 0; i < lines; i++) {
                rest[i] -= kernel[i];
            }
        }
        convolve(channel, rest);
        for (Move move : moves) {
            Channel moved = moved(still, move);
            convolve(moved, kernel(move.from, move.to, lines));
            for (int i = 0; i < moved.values().length; i++) {
                channel.values()[channel.start() + i] += moved.values()[i];
            }
        }
    }

    private static Channel moved(Channel still, Move move) {
        Channel moved = new Channel(new float[still.values().length], 0, still.size());
        Warp.rigid(still.size(), move.degrees, move.shift)
                .resample(List.of(FloatBuffer.wrap(still.values())), still.size(), Warp.Beyond.EDGE, moved);
        return moved;
    }

    private void convolve(Channel channel, float[] kernel) {
        Lines.along(channel, axis, (in, out, width) -> {
            int count = in.length;
            for (int i = 0; i < count; i++) {
                Lines.set(in[i], kernel[0], out[i], width);
                for (int d = 1; d < count; d++) {
                    Lines.add(in[Math.floorMod(i - d, count)], kernel[d], out[i], width);
                }
            }
        });
    }

    /** The real part of a band-pass filter, as a circular kernel; the image is real. */
    private static float[] kernel(int from, int to, int lines) {
        float[] kernel = new float[lines];
        for (int d = 0; d < lines; d++) {
            double sum = 0;
            for (int line = from; line < to; line++) {
                sum += Math.cos(2 * Math.PI * (line - lines / 2) * d / lines);
            }
            kernel[d] = (float) (sum / lines);
        }
        return kernel;
    }
}
