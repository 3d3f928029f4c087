package dev.preceptor.loss;

import dev.preceptor.network.UnitVectors;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The prototype loss of ProtoKD (Wang et al., ISBI 2023, arXiv 2303.09830): the prototype of a class is the mean of the features over
 * its voxels; the cosine similarities of every voxel's features to every prototype, within and between classes, are compared between
 * student and teacher. Background is a class. Tensors of the teacher carry no gradient.
 *
 * @param classes number of classes with background
 */
public record PrototypeRelations(int classes) {
    private static final double EPSILON = 1e-5;

    /**
     * The mean squared difference of the similarities over voxels that count and the classes that every patch of the batch has; 0 if
     * there is no such class.
     *
     * @param student features [B, C, X, Y, Z]
     * @param teacher features [B, D, X, Y, Z]
     * @param labels [B, X, Y, Z], int64
     */
    public Tensor loss(Tensor student, Tensor teacher, Tensor labels) {
        ValidVoxels valid = ValidVoxels.in(labels);
        Tensor masks = Tensors.stack(
                        IntStream.range(0, classes)
                                .mapToObj(number -> labels.eq(new Scalar((long) number)))
                                .toList(),
                        1)
                .flatten(2, -1)
                .to(student.scalar_type());
        Tensor sizes = masks.sum(new long[] {2}, true, new ScalarTypeOptional());
        List<Integer> present = presentEverywhere(sizes);
        if (present.isEmpty()) {
            return Tensors.zero(student);
        }
        Tensor some = columns(masks, present);
        Tensor counts = columns(sizes, present).add(new Scalar(EPSILON));
        Tensor difference = similarities(student, some, counts)
                .sub(similarities(teacher, some, counts))
                .square();
        return valid.mean(
                difference.view(student.size(0), present.size(), student.size(2), student.size(3), student.size(4)));
    }

    private List<Integer> presentEverywhere(Tensor sizes) {
        float[] fewest = Tensors.toFloats(sizes.amin(new long[] {0}, false));
        return IntStream.range(0, classes)
                .filter(number -> fewest[number] > 0)
                .boxed()
                .toList();
    }

    private static Tensor columns(Tensor tensor, List<Integer> indices) {
        return Tensors.stack(indices.stream().map(i -> tensor.select(1, i)).toList(), 1);
    }

    /** The cosine similarities [B, classes, X Y Z] of voxels and prototypes. */
    private static Tensor similarities(Tensor features, Tensor masks, Tensor counts) {
        return Tensors.scoped(() -> {
            Tensor rows = features.flatten(2, -1);
            Tensor prototypes = masks.bmm(rows.transpose(1, 2)).div(counts);
            Tensor directions = UnitVectors.of(prototypes.transpose(1, 2), EPSILON);
            return directions.transpose(1, 2).bmm(UnitVectors.of(rows, EPSILON));
        });
    }
}
