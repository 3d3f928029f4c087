package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.data.Batch;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.Sample;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Features;
import dev.preceptor.network.ForwardingNetwork;
import dev.preceptor.network.Input;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Requirement;
import dev.preceptor.network.Tape;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which sequences are present travels from a sample to the network. */
class PresenceTest {
    private static final Size SIZE = new Size(8, 8, 8);

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Sample sample(String id, Sequence... lacking) {
        List<Optional<float[]>> images = new ArrayList<>();
        for (int c = 0; c < Sequence.BRATS.size(); c++) {
            float[] voxels = new float[SIZE.voxels()];
            Arrays.fill(voxels, c + 1);
            images.add(List.of(lacking).contains(Sequence.BRATS.get(c)) ? Optional.empty() : Optional.of(voxels));
        }
        return Sample.of(id, SIZE, images, Optional.of(new byte[SIZE.voxels()]));
    }

    private static Batch batch(Sample... samples) {
        return Batch.of(
                HostBatch.of(Arrays.stream(samples)
                        .map(sample -> new HostBatch.Crop(sample, Box.of(SIZE), false, false, false))
                        .toList()),
                Sequence.BRATS,
                Torch.device("cpu"));
    }

    private static Role role(Network network) {
        return new Role(Role.STUDENT, network, Sequence.BRATS, BratsTargets.REGIONS, false, Computation.PLAIN);
    }

    @Test
    void aNetworkThatTakesAnySubsetIsToldWhichSequencesASubjectLacks() {
        try (PointerScope scope = new PointerScope();
                MeanNetwork network = new MeanNetwork()) {
            Batch batch = batch(sample("whole"), sample("part", Sequence.T1, Sequence.FLAIR));
            role(network).forward(batch);
            assertArrayEquals(
                    new boolean[] {true, true, true, true}, network.last.present()[0]);
            assertArrayEquals(
                    new boolean[] {false, true, true, false}, network.last.present()[1]);
            // The mean over the sequences 1, 2, 3, 4, and over 2 and 3: zeros are not read as intensities.
            assertEquals(2.5f, network.mean[0]);
            assertEquals(2.5f, network.mean[1]);
        }
    }

    @Test
    void aNetworkThatNeedsAllRefusesAnAbsentSequenceByName() {
        try (PointerScope scope = new PointerScope();
                Network network = Networks.build(new NetworkSpec("unet", 4, 3, Map.of("widths", List.of(2, 4))), 1)) {
            Role role = role(network);
            role.forward(batch(sample("whole")));
            String message = assertThrows(
                            InvalidCohortException.class, () -> role.forward(batch(sample("part", Sequence.T2))))
                    .getMessage();
            assertEquals(
                    "subject part has no T2, and the network of the student needs all of its sequences [T1, T1CE, T2, FLAIR];"
                            + " leave the subject out, or choose a network that takes any subset",
                    message);
        }
    }

    @Test
    void sequenceDropoutTellsTheNetworkWhatItDropped() {
        Recipe recipe = Recipe.load("baseline-small", List.of("augmentation.sequenceDropout=0.5"));
        Augmenter augmenter = new Augmenter(recipe.augmentation(), List.of(0, 1, 2, 3));
        boolean hasDropped = false;
        for (int seed = 0; seed < 20; seed++) {
            try (PointerScope scope = new PointerScope();
                    MeanNetwork network = new MeanNetwork()) {
                HostBatch hostBatch = HostBatch.of(
                        List.of(new HostBatch.Crop(sample("s"), Box.of(SIZE), false, false, false)),
                        augmenter,
                        List.of(new RandomSource(new RandomStreams(seed).stream("augment"))),
                        Optional.empty());
                role(network).forward(Batch.of(hostBatch, Sequence.BRATS, Torch.device("cpu")));
                boolean[] present = network.last.present()[0];
                for (int c = 0; c < present.length; c++) {
                    float first = hostBatch.images()[c * SIZE.voxels()];
                    assertEquals(present[c], first != 0, "seed " + seed + ", sequence " + c);
                    hasDropped |= !present[c];
                }
                assertFalse(Arrays.equals(new boolean[4], present), "one sequence remains");
            }
        }
        assertTrue(hasDropped);
    }

    /** The simplest network of any subset: a U-Net on the mean of the present sequences. */
    private static final class MeanNetwork implements ForwardingNetwork {
        private final Network network =
                Networks.build(new NetworkSpec("unet", 1, 3, Map.of("widths", List.of(2, 4))), 1);
        private Input last;
        private float[] mean;

        @Override
        public Requirement requires() {
            return Requirement.ANY_SUBSET;
        }

        @Override
        public Features forward(Tape tape, Input input) {
            last = input;
            boolean[][] present = input.present();
            float[] weights = new float[present.length * present[0].length];
            for (int i = 0; i < weights.length; i++) {
                boolean[] row = present[i / present[0].length];
                int count = 0;
                for (boolean one : row) {
                    count += one ? 1 : 0;
                }
                weights[i] = row[i % row.length] ? 1f / count : 0;
            }
            Tensor means = input.images()
                    .mul(Tensors.of(weights, present.length, present[0].length, 1, 1, 1))
                    .sum(new long[] {1}, true, new ScalarTypeOptional());
            mean = Tensors.toFloats(means.mean(new long[] {1, 2, 3, 4}, false, new ScalarTypeOptional()));
            return network.forward(tape, Input.complete(means));
        }

        @Override
        public NetworkSpec spec() {
            return new NetworkSpec("mean", 4, 3, Map.of());
        }

        @Override
        public Network network() {
            return network;
        }
    }
}
