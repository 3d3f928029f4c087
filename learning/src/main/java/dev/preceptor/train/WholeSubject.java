package dev.preceptor.train;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.data.Sample;
import dev.preceptor.distill.Role;
import dev.preceptor.infer.SlidingWindow;
import dev.preceptor.network.Input;
import dev.preceptor.network.Requirement;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Predicts whole preprocessed subjects during a training, with the mean logits of some networks, on the grid of the model.
 *
 * @param networks with the same outputs, at least one
 * @param sequences the channels of a sample
 * @param window tiles and overlap
 * @param device where the networks compute
 */
record WholeSubject(List<Role> networks, List<Sequence> sequences, SlidingWindow window, Device device) {
    /** The classes that the networks predict, z-fastest, as {@link Sample#classes}. */
    byte[] classes(Sample sample) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Targets targets = networks.get(0).outputs();
            Tensor logits = logits(sample);
            return switch (targets.encoding()) {
                case CLASSES -> bytes(logits.argmax(new LongOptional(1), false));
                case REGIONS -> written(targets.masks(logits), targets.labels());
            };
        }
    }

    /** Each region in its order overwrites the former with its own class, as in a label map. */
    private static byte[] written(Tensor masks, LabelSpace labels) {
        Tensor classes = masks.select(1, 0).mul(new Scalar(0L)).to(torch.ScalarType.Long);
        List<Region> regions = labels.regions();
        for (int r = 0; r < regions.size(); r++) {
            Scalar own = new Scalar((long) labels.numberOf(regions.get(r).writtenAs()));
            classes = classes.masked_fill(masks.select(1, r), own);
        }
        return bytes(classes);
    }

    private static byte[] bytes(Tensor classes) {
        float[] values = Tensors.toFloats(classes.to(torch.ScalarType.Float));
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** Mean logits [1, K, X, Y, Z]. */
    private Tensor logits(Sample sample) {
        Tensor sum = null;
        for (Role role : networks) {
            Tensor image = image(sample, role);
            Tensor logits = window.logits(
                    image,
                    role.outputs().channels(),
                    tiles -> role.network()
                            .forward(Input.of(tiles, present(sample, role)), role.computation())
                            .logits());
            sum = sum == null ? logits : sum.add(logits);
        }
        return sum.div(new Scalar((double) networks.size())).unsqueeze(0);
    }

    private Tensor image(Sample sample, Role role) {
        Size size = sample.size();
        return Tensors.stack(
                        role.inputs().stream()
                                .map(sequence ->
                                        Tensors.of(voxels(sample, role, sequence), size.x(), size.y(), size.z()))
                                .toList(),
                        0)
                .to(device, torch.ScalarType.Float);
    }

    private float[] voxels(Sample sample, Role role, Sequence sequence) {
        Optional<FloatBuffer> image = image(sample, sequence);
        if (image.isEmpty() && role.network().requires() == Requirement.ALL) {
            throw new InvalidCohortException("subject " + sample.subject() + " has no " + sequence
                    + ", and the network of the " + role.name() + " needs all of its sequences " + role.inputs()
                    + "; leave the subject out, or choose a network that takes any subset");
        }
        float[] voxels = new float[sample.size().voxels()];
        image.ifPresent(buffer -> buffer.get(0, voxels));
        return voxels;
    }

    private Optional<FloatBuffer> image(Sample sample, Sequence sequence) {
        return sample.images().get(sequences.indexOf(sequence));
    }

    /** The sequences that the subject has and that are there at prediction. */
    private boolean[] present(Sample sample, Role role) {
        boolean[] present = role.atBedside();
        for (int c = 0; c < present.length; c++) {
            present[c] &= image(sample, role.inputs().get(c)).isPresent();
        }
        return present;
    }
}
