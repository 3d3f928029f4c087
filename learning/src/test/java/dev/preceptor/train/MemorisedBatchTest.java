package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.data.Batch;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A network that cannot memorise one batch cannot learn at all. */
@Tag("integration")
class MemorisedBatchTest {
    private static final Size SIZE = Size.cube(16);
    private static final int STEPS = 100;
    private static final double LOSS = 0.05;
    private static final double DICE = 0.95;

    @BeforeAll
    static void open() {
        Torch.open();
        Torch.useThreads(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "unet; [8,16]; network.skips=1",
                "resunet; [8,16]; network.heads=0",
                "nnunet; [16,32]; network.encoder=PLAIN",
                "nnunet; [16,32]; network.encoder=RESIDUAL",
                "multiresunet; [8,16]; network.heads=0"
            })
    void aSmallNetworkMemorisesOneBatch(String network, String widths, String more) {
        Recipe recipe = Recipe.load(
                "baseline-small",
                List.of(
                        "network.name=" + network,
                        "network.widths=" + widths,
                        more,
                        "optimization.learningRate=0.01",
                        "optimization.schedule={name: constant}"));
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                PointerScope scope = new PointerScope()) {
            Phase phase = method.phases().get(0);
            Batch batch = nestedBalls();
            double first = Double.NaN;
            double last = Double.NaN;
            try (PhaseOptimizers optimizers = new PhaseOptimizers(phase, recipe.optimization(), 1)) {
                boolean memorised = false;
                for (int step = 0; step < STEPS && !memorised; step++) {
                    try (PointerScope inner = new PointerScope()) {
                        last = phase.step(batch, optimizers).values().get("loss");
                    }
                    first = step == 0 ? last : first;
                    memorised =
                            last < LOSS && DoubleStream.of(dice(phase, batch)).allMatch(region -> region > DICE);
                }
            }
            assertTrue(last < LOSS, "the loss fell from " + first + " to " + last + " only");
            double[] dice = dice(phase, batch);
            for (double region : dice) {
                assertTrue(region > DICE, "Dice of WT, TC, ET: " + List.of(dice[0], dice[1], dice[2]));
            }
        }
    }

    private static double[] dice(Phase phase, Batch batch) {
        try (NoGradGuard guard = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            Tensor logits = phase.leading()
                    .network()
                    .forward(batch.input(phase.leading().inputs()))
                    .logits();
            float[] predicted =
                    Tensors.toFloats(BratsTargets.REGIONS.masks(logits).to(torch.ScalarType.Float));
            float[] reference = Tensors.toFloats(BratsTargets.REGIONS.target(batch.classes()));
            double[] dice = new double[BratsTargets.REGIONS.channels()];
            for (int region = 0; region < dice.length; region++) {
                double both = 0;
                double sum = 0;
                for (int i = 0; i < predicted.length; i++) {
                    if (i / SIZE.voxels() % dice.length == region) {
                        both += predicted[i] * reference[i];
                        sum += predicted[i] + reference[i];
                    }
                }
                dice[region] = 2 * both / sum;
            }
            return dice;
        }
    }

    /** Two patches with a ball of oedema around one of necrosis around one of enhancing tumour, in noise. */
    private static Batch nestedBalls() {
        SplittableRandom random = new SplittableRandom(1);
        int patches = 2;
        int sequences = Sequence.BRATS.size();
        float[] images = new float[patches * sequences * SIZE.voxels()];
        float[] classes = new float[patches * SIZE.voxels()];
        int[] classFromInside = {3, 1, 2};
        for (int patch = 0; patch < patches; patch++) {
            for (int z = 0; z < SIZE.z(); z++) {
                for (int y = 0; y < SIZE.y(); y++) {
                    for (int x = 0; x < SIZE.x(); x++) {
                        int voxel = SIZE.index(x, y, z);
                        double radius = Math.sqrt(square(x - 7 - patch) + square(y - 8) + square(z - 8 + patch));
                        int ring = (int) (radius / 2);
                        int tissue = ring < 3 ? classFromInside[ring] : 0;
                        classes[patch * SIZE.voxels() + voxel] = tissue;
                        for (int sequence = 0; sequence < sequences; sequence++) {
                            images[(patch * sequences + sequence) * SIZE.voxels() + voxel] =
                                    (float) (tissue + random.nextDouble(-0.3, 0.3));
                        }
                    }
                }
            }
        }
        return new Batch(
                Sequence.BRATS,
                Tensors.of(images, patches, sequences, SIZE.z(), SIZE.y(), SIZE.x()),
                Tensors.of(classes, patches, SIZE.z(), SIZE.y(), SIZE.x()).to(torch.ScalarType.Long));
    }

    private static double square(double x) {
        return x * x;
    }
}
