package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.preceptor.data.Batch;
import dev.preceptor.data.PatchDescription;
import dev.preceptor.data.PatchKey;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Features;
import dev.preceptor.network.ForwardingNetwork;
import dev.preceptor.network.Input;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Tape;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FrozenTeacherTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void runsOnceOnABatchThatComesAgain() {
        try (Counted network = new Counted();
                FrozenTeacher teacher = new FrozenTeacher(role(network), List.of(1))) {
            float[] first = logits(teacher, 1);
            assertArrayEquals(first, logits(teacher, 1));
            assertArrayEquals(first, logits(teacher, 1));
            assertArrayEquals(first, logits(teacher, 1));
            assertEquals(1, network.forwardPasses);
        }
    }

    @Test
    void distinguishesBatches() {
        try (Counted network = new Counted();
                FrozenTeacher teacher = new FrozenTeacher(role(network), List.of(1))) {
            for (int round = 0; round < 3; round++) {
                for (int seed = 1; seed <= 3; seed++) {
                    logits(teacher, seed);
                }
            }
            assertEquals(3, network.forwardPasses);
            try (PointerScope scope = new PointerScope()) {
                float[] plain =
                        Tensors.toFloats(network.forward(batch(2).images()).logits());
                assertArrayEquals(plain, logits(teacher, 2));
            }
        }
    }

    @Test
    void computesAgainWhatIsAugmentedOrDoesNotComeAgain() {
        try (Counted network = new Counted();
                FrozenTeacher teacher = new FrozenTeacher(role(network), List.of(1));
                PointerScope scope = new PointerScope()) {
            for (int round = 0; round < 3; round++) {
                teacher.outputs(batch(1, false, false));
                teacher.outputs(batch(1, true, true));
            }
            assertEquals(6, network.forwardPasses);
        }
    }

    private static float[] logits(FrozenTeacher teacher, int seed) {
        try (PointerScope scope = new PointerScope()) {
            TeacherOutputs teacherOutput = teacher.outputs(batch(seed));
            assertFalse(teacherOutput.logits().requires_grad());
            assertEquals(1, teacherOutput.decoder().size());
            return Tensors.toFloats(teacherOutput.logits());
        }
    }

    private static Batch batch(int seed) {
        return batch(seed, true, false);
    }

    private static Batch batch(int seed, boolean isRepeated, boolean altered) {
        torch.manual_seed(seed);
        PatchKey key = new PatchKey(0, "s" + seed, Box.of(Size.cube(8)), false, false, false, altered, isRepeated);
        PatchDescription patch = new PatchDescription(
                key.subject(), Optional.of(key), Collections.nCopies(4, PatchDescription.ChannelState.MEASURED), true);
        return new Batch(Sequence.BRATS, torch.randn(1, 4, 8, 8, 8), torch.zeros(1, 8, 8, 8), List.of(patch));
    }

    private static Role role(Network network) {
        return new Role(Role.TEACHER, network, Sequence.BRATS, BratsTargets.REGIONS, true, Computation.PLAIN);
    }

    /** A network that counts its forward passes. */
    private static final class Counted implements ForwardingNetwork {
        private final Network network =
                Networks.build(new NetworkSpec("unet", 4, 3, Map.of("widths", List.of(2, 4, 4))), 1);
        private int forwardPasses;

        @Override
        public Features forward(Tape tape, Input input) {
            forwardPasses++;
            return network.forward(tape, input);
        }

        @Override
        public Network network() {
            return network;
        }
    }
}
