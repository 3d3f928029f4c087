package dev.preceptor.train;

import dev.preceptor.run.TrainingEvent;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Assembles the image, the reference and the prediction of a subject from its tiles, for display. */
final class TileStitcher {
    /** The class that each region is shown as where no later region overwrites it. */
    private final byte[] written;

    private final LabelSpace labels;
    private final String subject;
    private final Size size;
    private final float[] image;
    private final byte[] truth;
    private final byte[] predicted;

    TileStitcher(String subject, Size size, LabelSpace labels) {
        this.written = new byte[labels.regions().size()];
        for (int r = 0; r < written.length; r++) {
            written[r] = (byte) labels.numberOf(labels.regions().get(r).writtenAs());
        }
        this.labels = labels.numbered();
        this.subject = subject;
        this.size = size;
        this.image = new float[size.voxels()];
        this.truth = new byte[size.voxels()];
        this.predicted = new byte[size.voxels()];
    }

    /**
     * Adds a part of the volume.
     *
     * @param from lower corner of the part in voxels
     * @param length extents of the part in voxels
     * @param shown the image, [X, Y, Z]
     * @param referenceMasks [R, X, Y, Z], booleans
     * @param predictedMasks like the reference
     */
    void add(int[] from, int[] length, Tensor shown, Tensor referenceMasks, Tensor predictedMasks) {
        float[] values = Tensors.toVoxels(shown);
        byte[] reference = classes(referenceMasks);
        byte[] prediction = classes(predictedMasks);
        int next = 0;
        for (int z = 0; z < length[2]; z++) {
            for (int y = 0; y < length[1]; y++) {
                int place = size.index(from[0], from[1] + y, from[2] + z);
                System.arraycopy(values, next, image, place, length[0]);
                System.arraycopy(reference, next, truth, place, length[0]);
                System.arraycopy(prediction, next, predicted, place, length[0]);
                next += length[0];
            }
        }
    }

    private byte[] classes(Tensor masks) {
        byte[] classes = new byte[0];
        for (int r = 0; r < written.length; r++) {
            float[] region = Tensors.toVoxels(masks.select(0, r).to(torch.ScalarType.Float));
            classes = r == 0 ? new byte[region.length] : classes;
            for (int i = 0; i < classes.length; i++) {
                classes[i] = region[i] > 0 ? written[r] : classes[i];
            }
        }
        return classes;
    }

    /** The assembled subject. */
    TrainingEvent.ValidationSample sample() {
        return new TrainingEvent.ValidationSample(subject, size, image, truth, predicted, labels);
    }
}
