package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.network.Attention;
import dev.preceptor.network.Initialisation;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Set;

/**
 * The {@code distillation} block of an MTCM-KD recipe (methods.md 2.4). The defaults are those of {@code mtcm-kd}: the ideas
 * of the paper without the slips of its implementation; {@code mtcm-kd-reference} switches each slip on.
 *
 * @param outputs what the channels of all networks mean
 * @param teachers when they learn
 * @param oneByOne whether a step builds, uses and frees what one teacher needs for learning before it turns to the next:
 *     the memory of one network instead of all, for one more forward of each teacher where there are levels
 * @param begins epochs in which the student learns from the labels alone before it is distilled to, at least 1
 * @param combination what the sums of the combination loss run over
 * @param supervised weight of L_comb(y, z_s) in the student's loss once it is distilled to
 * @param response response distillation
 * @param confidence how the teachers are weighted against each other
 * @param levels CDSFL, one entry for each decoder level from half resolution down; empty for none
 * @param fusionAttention the gates of the fusion
 * @param oneCycleSideEffect whether the student's optimizer starts with what a OneCycleLR that is made and never stepped
 *     leaves behind: the learning rate divided by 25, beta1 0.95
 * @param studentWeights how the student's fresh weights are drawn
 * @param teacherWeights how the teachers' and the fusions' are
 */
public record MtcmKdOptions(
        TargetEncoding outputs,
        Teaching teachers,
        boolean oneByOne,
        int begins,
        Reduction combination,
        double supervised,
        Response response,
        Confidence confidence,
        List<Level> levels,
        Attention fusionAttention,
        boolean oneCycleSideEffect,
        Initialisation studentWeights,
        Initialisation teacherWeights) {

    /** The three ideas of the paper with volumetric reductions. */
    static final MtcmKdOptions DEFAULTS = new MtcmKdOptions(
            TargetEncoding.CLASSES,
            Teaching.TOGETHER,
            false,
            1,
            Reduction.VOLUME,
            0.75,
            new Response(1, 2, Scale.VOXEL_MEAN, true),
            new Confidence(Score.DICE, true, List.of("WT", "TC", "ET"), 0.1),
            List.of(new Level(0.1, 0.1, 0.7, 0.3)),
            Attention.CHANNEL,
            false,
            Initialisation.HE_NORMAL,
            Initialisation.HE_NORMAL);

    /** When the teachers learn. */
    public enum Teaching {
        /** In the same steps as the student, each before it, and through the fusion from each other. */
        TOGETHER,
        /** Before the student, each alone; then they are frozen and only the fusion learns beside the student. */
        FIRST
    }

    /** What the sums of the combination loss run over. */
    public enum Reduction {
        /** Batch and all axes but the last, so that each slice counts on its own (slip COMB_SLICE_AXIS). */
        SLICE_LAST_AXIS,
        /** Batch and all axes. */
        VOLUME
    }

    /** How the divergences of the voxels become one number. */
    public enum Scale {
        /** T times their sum over the voxels, divided by the batch (slip KD_SUM_T20 with temperature 20). */
        VOXEL_SUM,
        /** T squared times their mean over the voxels. */
        VOXEL_MEAN
    }

    /**
     * Response distillation: the student's outputs follow those of the teachers.
     *
     * @param weight of the response term, summed over the teachers (tau of the paper, 0.15); if balanced, how large the
     *     term is against the supervised one when distillation begins; 0 for no response distillation
     * @param temperature T, above 0; divides both logits
     * @param scale from voxels to one number
     * @param balanced whether each distillation term is multiplied with a factor, found in the epoch before distillation
     *     begins, that makes it as large as the supervised term beside it
     */
    public record Response(double weight, double temperature, Scale scale, boolean balanced) {
        public Response {
            Settings.require(
                    weight >= 0 && weight < 1e6, "distillation.response.weight", "a number of at least 0", weight);
            Settings.require(
                    temperature > 0 && temperature < 1e6,
                    "distillation.response.temperature",
                    "a number above 0",
                    temperature);
        }
    }

    /** By what a teacher is judged. */
    public enum Score {
        /** Every teacher counts the same. */
        EQUAL,
        /** Dice of all voxels of the epoch's training patches taken together. */
        DICE,
        /** Mean slice-averaged Dice of the epoch's training steps, empty slices counting 1 (slip SLICE_DICE). */
        SLICE_DICE
    }

    /**
     * Performance-aware weights w_k = tau D_k / sum of D_j, once per epoch from the scores of the epoch before.
     *
     * @param score D
     * @param perRegion whether WT, TC and ET have weights of their own, for their own divergences; else D_k is the mean over
     *     {@code regions} and the divergence that of the outputs
     * @param regions over which D_k is the mean, if not {@code perRegion}: WT in the paper; WT and TC for its T1 student
     * @param initial weight of each teacher in the log until there are scores; no loss uses it
     */
    public record Confidence(Score score, boolean perRegion, List<String> regions, double initial) {
        public Confidence {
            List<String> known = Region.BRATS.stream().map(Region::name).toList();
            Settings.require(
                    !regions.isEmpty()
                            && known.containsAll(regions)
                            && Set.copyOf(regions).size() == regions.size(),
                    "distillation.confidence.regions",
                    "one or more of " + String.join(", ", known),
                    regions);
            Settings.require(
                    initial >= 0 && initial < 1e6,
                    "distillation.confidence.initial",
                    "a number of at least 0",
                    initial);
            regions = List.copyOf(regions);
        }
    }

    /**
     * CDSFL at one decoder level: the fused teachers against the labels, and the student's own logits there.
     *
     * @param fusion gamma, weight of L_comb(labels, fused logits) in the teachers' loss
     * @param student weight of this level in the student's loss
     * @param labels share of L_comb(labels, student's logits) in it
     * @param knowledge share of KD(student's logits, fused logits) in it
     */
    public record Level(double fusion, double student, double labels, double knowledge) {
        public Level {
            for (double weight : List.of(fusion, student, labels, knowledge)) {
                Settings.require(weight >= 0 && weight < 1e6, "distillation.levels", "weights of at least 0", weight);
            }
        }
    }

    public MtcmKdOptions {
        Settings.require(
                begins >= 1 && begins <= 1_000_000, "distillation.begins", "a number of epochs from 1", begins);
        Settings.require(
                supervised >= 0 && supervised < 1e6, "distillation.supervised", "a number of at least 0", supervised);
        levels = List.copyOf(levels);
    }

    /** Whether the student learns anything from the teachers. */
    boolean distils() {
        return response.weight() > 0 || !levels.isEmpty();
    }
}
