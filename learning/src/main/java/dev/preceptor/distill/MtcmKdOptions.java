package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.CombinationLoss;
import dev.preceptor.loss.TemperedKlDivergence;
import dev.preceptor.network.Attention;
import dev.preceptor.network.Initialisation;
import dev.preceptor.network.TargetEncoding;
import java.util.List;
import java.util.Set;

/**
 * The {@code distillation} block of an MTCM-KD recipe (docs/methods/mtcm-kd.md). The defaults are those of {@code mtcm-kd}:
 * the ideas of the paper without the deviations of its implementation; {@code mtcm-kd-reference} switches each deviation on.
 *
 * @param outputs what the channels of all networks mean
 * @param teachers when the teachers are trained
 * @param oneByOne whether a step runs forward and backward of one teacher after the other: the memory of one teacher in place
 *     of all, for one more forward pass of each teacher where there are levels
 * @param begins number of epochs in which the student learns from the labels alone, at least 1; distillation follows
 * @param ramp epochs after {@code begins} over which the weights of distillation rise from near 0, see {@link Ramp}; 0 for none
 * @param combination the axes that the sums of L_comb run over
 * @param supervised weight of L_comb(y, z_s) in the student's loss during distillation
 * @param response response distillation
 * @param confidence the weights of the teachers relative to each other
 * @param levels CDSFL, one entry for each decoder level from half resolution down; empty for none
 * @param fusionAttention the gates of the fusion
 * @param oneCycleSideEffect whether the student's optimizer starts as a OneCycleLR leaves it that is constructed and never
 *     stepped: the learning rate divided by 25, beta1 0.95
 * @param studentWeights distribution of the student's fresh weights
 * @param teacherWeights distribution of the fresh weights of teachers and fusions
 */
public record MtcmKdOptions(
        TargetEncoding outputs,
        Teaching teachers,
        boolean oneByOne,
        int begins,
        int ramp,
        CombinationLoss.Reduction combination,
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
            0,
            CombinationLoss.Reduction.VOLUME,
            0.75,
            new Response(1, 2, TemperedKlDivergence.Scale.VOXEL_MEAN, true),
            new Confidence(TeacherScore.DICE, true, List.of(), 0.1),
            List.of(new Level(0.1, 0.1, 0.7, 0.3)),
            Attention.CHANNEL,
            false,
            Initialisation.HE_NORMAL,
            Initialisation.HE_NORMAL);

    /** When the teachers are trained. */
    public enum Teaching {
        /** In the student's steps, before the student; the fusion's loss reaches all of them. */
        TOGETHER,
        /** Before the student, each alone; then they are frozen, and only the fusion is trained beside the student. */
        FIRST
    }

    /**
     * Response distillation: KL divergence from the logits of each teacher.
     *
     * @param weight of the response term, summed over the teachers (tau of the paper, 0.15); if {@code balanced}, the ratio
     *     of the term to the supervised one when distillation begins; 0 for no response distillation
     * @param temperature T, above 0; divides both logits
     * @param scale how the divergences of the voxels become one number
     * @param balanced whether each distillation term is multiplied by a factor, from the epoch before distillation begins,
     *     that makes it as large as the supervised term of the same resolution
     */
    public record Response(double weight, double temperature, TemperedKlDivergence.Scale scale, boolean balanced) {
        public Response {
            Settings.requireWeight("distillation.response.weight", weight);
            Settings.require(
                    temperature > 0 && temperature < 1e6,
                    "distillation.response.temperature",
                    "a number above 0",
                    temperature);
        }
    }

    /** The score D_k from which a teacher's weight follows. */
    public enum TeacherScore {
        /** The same for every teacher. */
        EQUAL,
        /** Dice over all voxels of the epoch's training patches together. */
        DICE,
        /**
         * Mean over the epoch's training steps of slice-averaged Dice, in which an empty slice scores 1 (deviation
         * SLICE_DICE).
         */
        SLICE_DICE
    }

    /**
     * Performance-aware weights w_k = tau D_k / sum of D_j, from the scores of the previous epoch.
     *
     * @param score D
     * @param perRegion whether the regions have separate weights and divergences; else D_k is the mean over
     *     {@code regions}, and the divergence is that of the network's outputs
     * @param regions over which D_k is the mean, unless {@code perRegion}: WT in the paper; WT and TC for its T1 student; empty
     *     for all
     * @param initial weight of each teacher in the log before the first scores; no loss uses it
     */
    public record Confidence(TeacherScore score, boolean perRegion, List<String> regions, double initial) {
        public Confidence {
            Settings.require(
                    Set.copyOf(regions).size() == regions.size(),
                    "distillation.confidence.regions",
                    "names of different regions",
                    regions);
            Settings.requireWeight("distillation.confidence.initial", initial);
            regions = List.copyOf(regions);
        }
    }

    /**
     * CDSFL at one decoder level: the losses of the fused teachers and of the student's logits at this level.
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
        Settings.requireWeight("distillation.supervised", supervised);
        levels = List.copyOf(levels);
        Ramp.requireLength(ramp);
    }

    /** Whether any distillation term is in use. */
    boolean distils() {
        return response.weight() > 0 || !levels.isEmpty();
    }
}
