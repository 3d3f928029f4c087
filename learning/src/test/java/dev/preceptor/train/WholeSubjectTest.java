package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.preceptor.data.Sample;
import dev.preceptor.distill.Labellers;
import dev.preceptor.distill.Role;
import dev.preceptor.infer.SlidingWindow;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WholeSubjectTest {
    private static final int EDGE = 16;
    private static final Size SIZE = Size.cube(EDGE);

    @Test
    void labelsOfMirroringsOfAMirroredSubjectAreTheMirroredLabels() {
        float[] image = image();
        try (Network network = Networks.build(new NetworkSpec("unet", 1, 3, Map.of("widths", List.of(4, 8))), 1)) {
            assertArrayEquals(mirrored(classes(network, image, true)), classes(network, mirrored(image), true));
            assertFalse(
                    Arrays.equals(mirrored(classes(network, image, false)), classes(network, mirrored(image), false)),
                    "a convolution is not symmetric, so that without the mirrorings the labels differ");
        }
    }

    private static byte[] classes(Network network, float[] image, boolean mirror) {
        Role teacher = new Role(
                Role.TEACHER, network, List.of(Sequence.FLAIR), BratsTargets.REGIONS, true, Computation.PREDICTION);
        Sample sample = Sample.of("s", SIZE, List.of(image), new byte[SIZE.voxels()]);
        return new WholeSubject(
                        new Labellers(List.of(teacher), mirror),
                        List.of(Sequence.FLAIR),
                        SlidingWindow.ofBatches(SIZE, 0.5, 1),
                        Torch.device("cpu"))
                .classes(sample);
    }

    private static float[] image() {
        SplittableRandom random = new SplittableRandom(5);
        float[] image = new float[SIZE.voxels()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) random.nextGaussian();
        }
        return image;
    }

    /** Turned back to front, which for a cube mirrors all three axes, in either order of the axes. */
    private static float[] mirrored(float[] voxels) {
        float[] back = new float[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            back[i] = voxels[voxels.length - 1 - i];
        }
        return back;
    }

    private static byte[] mirrored(byte[] voxels) {
        byte[] back = new byte[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            back[i] = voxels[voxels.length - 1 - i];
        }
        return back;
    }
}
