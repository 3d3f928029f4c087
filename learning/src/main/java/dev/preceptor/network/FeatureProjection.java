package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.function.LongSupplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes a feature map of a student comparable with one of a teacher of another size or kind, as the regressor of FitNets
 * (Romero et al., ICLR 2015, arXiv 1412.6550) does: a 1x1x1 convolution from the student's channels to the teacher's, which is
 * trained with the student. If the resolutions differ, the finer map is averaged over blocks to the coarser one; averaging
 * invents nothing, as interpolation of the coarser map would. Where the channels are equal there is no convolution, and where
 * the shapes are equal both maps stay as they are.
 */
public final class FeatureProjection {
    private final Parameters parameters = new Parameters();
    private final Layer channels;
    private final int studentBlock;
    private final int teacherBlock;

    /**
     * Builds the projection with fresh He-normal weights if the channels differ.
     *
     * @param seed of the weights, drawn only if there are any; the same seed gives the same weights
     * @throws IllegalArgumentException if no resolution is common to both
     */
    public FeatureProjection(FeatureShape student, FeatureShape teacher, LongSupplier seed) {
        if (!student.hasResolutionInCommonWith(teacher)) {
            throw new IllegalArgumentException(student + " and " + teacher + " have no resolution in common");
        }
        int coarser = Math.max(student.stride(), teacher.stride());
        studentBlock = coarser / student.stride();
        teacherBlock = coarser / teacher.stride();
        if (student.channels() == teacher.channels()) {
            channels = x -> x;
        } else {
            Torch.open();
            torch.manual_seed(seed.getAsLong());
            channels = Layers.conv(parameters, "conv", student.channels(), teacher.channels(), 1);
        }
    }

    /** The weights; none where the channels are equal. */
    public Parameters parameters() {
        return parameters;
    }

    /**
     * The student's feature map with the teacher's channels, at the coarser of both resolutions.
     *
     * @param features [B, C of the student, X/s, Y/s, Z/s] with s its stride
     * @return [B, C of the teacher, X/t, Y/t, Z/t] with t the larger of both strides
     */
    public Tensor ofStudent(Tensor features) {
        return channels.apply(averaged(features, studentBlock));
    }

    /**
     * The teacher's feature map at the coarser of both resolutions.
     *
     * @param features [B, C, X/s, Y/s, Z/s] with s the teacher's stride
     * @return [B, C, X/t, Y/t, Z/t] with t the larger of both strides
     */
    public Tensor ofTeacher(Tensor features) {
        return averaged(features, teacherBlock);
    }

    private static Tensor averaged(Tensor x, int edge) {
        return edge == 1 ? x : Tensors.scoped(() -> BlockMean.over(x, edge, edge, edge));
    }
}
