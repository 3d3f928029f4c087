package dev.preceptor.model;

import dev.preceptor.data.Preprocessing;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.List;
import java.util.Map;

/** Builds models with random weights for tests. */
public final class Models {
    private Models() {}

    /** The description of a small U-Net on BraTS volumes. */
    public static ModelDescription description(
            List<Integer> widths, TargetEncoding targetEncoding, Sequence... inputs) {
        return new ModelDescription(
                new NetworkSpec(
                        "unet",
                        inputs.length,
                        BratsTargets.of(targetEncoding).channels(),
                        Map.of("widths", widths, "skips", widths.size() - 1)),
                List.of(inputs),
                targetEncoding,
                LabelSpace.BRATS_2018,
                new Preprocessing(
                        "LPS",
                        0,
                        Preprocessing.Normalisation.ZSCORE_NONZERO,
                        Preprocessing.CropMode.BRAIN,
                        List.of(),
                        List.of(),
                        1,
                        List.of()),
                Size.cube(16),
                0.5,
                Map.of("recipe", "abc", "cohort", "def"),
                new Scores("test", "two phantoms", 2, Map.of("WT", Map.of("dice", 0.5))));
    }

    /** A description that differs in its network. */
    public static ModelDescription withNetwork(ModelDescription other, NetworkSpec network) {
        return new ModelDescription(
                network,
                other.inputs(),
                other.outputs(),
                other.schema(),
                other.preprocessing(),
                other.patch(),
                other.overlap(),
                other.provenance(),
                other.scores());
    }

    /** A model with random weights that depend on the seed only. */
    public static ModelFile random(ModelDescription description, long seed) {
        try (Network network = Networks.build(description.network(), seed)) {
            return ModelFile.of(description, network.parameters());
        }
    }

    /** A model with the input T1CE and one sigmoid per region. */
    public static ModelFile small(long seed) {
        return random(description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE), seed);
    }
}
