package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Augments training patches: one spatial transform for all sequences and labels, and intensity transforms with separate
 * strengths for each sequence. The result depends on the given random source alone. Thread-safe.
 *
 * <p>The order is that of nnU-Net, with scanner artefacts before the noise: spatial transform, motion, ghosting, spike, bias
 * field, noise, blur, brightness, contrast, low resolution, inverted gamma, gamma. Afterwards the background, which is 0 in
 * all sequences, is set to 0 again, and sequences are dropped.
 */
public final class Augmenter {
    private final Augmentation settings;
    private final List<Integer> droppable;
    private final List<Step> steps;

    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    private record Step(TransformSettings settings, IntensityTransform.Kind kind) {}

    /** @param droppable indices of the sequences that may be dropped; at least one of them remains. Empty for none */
    public Augmenter(Augmentation settings, List<Integer> droppable) {
        this.settings = settings;
        this.droppable = List.copyOf(droppable);
        this.steps = List.of(
                new Step(settings.motion(), Motion::draw),
                new Step(settings.ghosting(), Ghosting::draw),
                new Step(settings.spike(), Spike::draw),
                new Step(settings.biasField(), BiasField::draw),
                new Step(settings.noise(), Noise::draw),
                new Step(settings.blur(), GaussianBlur::draw),
                new Step(settings.brightness(), Linear::drawBrightness),
                new Step(settings.contrast(), Linear::drawContrast),
                new Step(settings.lowResolution(), LowResolution::draw),
                new Step(settings.gammaInverted(), Gamma::drawInverted),
                new Step(settings.gamma(), Gamma::draw));
    }

    /**
     * The part of a batch's arrays that holds one patch.
     *
     * @param size of the patch in voxels
     * @param images the sequences one after the other from index {@code imageStart} on, each z-fastest
     * @param classes the classes from index {@code classStart} on, z-fastest
     */
    public record Target(Size size, float[] images, int imageStart, byte[] classes, int classStart) {
        Channel channel(int sequence) {
            return new Channel(images, imageStart + sequence * size.voxels(), size);
        }
    }

    /**
     * Resamples a patch with a random spatial transform, if one is drawn.
     *
     * @param images one per sequence, z-fastest
     * @param classes z-fastest, 0 to 7
     * @param from size of the images and the classes in voxels
     * @param box of the patch without the transform
     * @param mirrored which axes are mirrored
     * @return whether a transform was drawn; if not, the target is unchanged
     */
    public boolean warp(
            List<FloatBuffer> images,
            ByteBuffer classes,
            Size from,
            Box box,
            boolean[] mirrored,
            Target target,
            RandomSource random) {
        Optional<Warp> warp = Warp.draw(settings, box, mirrored, random);
        if (warp.isEmpty()) {
            return false;
        }
        Channel[] channels = new Channel[images.size()];
        for (int c = 0; c < channels.length; c++) {
            channels[c] = target.channel(c);
        }
        warp.get().resample(images, classes, from, channels, target.classes, target.classStart, scratch.get());
        return true;
    }

    /** Applies the intensity transforms that are drawn to a patch, and drops sequences. */
    public void distort(Target target, int sequences, RandomSource random) {
        BackgroundMask background = null;
        for (Step step : steps) {
            if (!random.chance(step.settings.probability())) {
                continue;
            }
            if (background == null) {
                background = BackgroundMask.of(target, sequences);
            }
            for (int c = 0; c < sequences; c++) {
                if (random.chance(step.settings.perSequence())) {
                    step.kind.draw(step.settings, target.size, random).apply(target.channel(c));
                }
            }
        }
        if (background != null) {
            for (int c = 0; c < sequences; c++) {
                background.clear(target.channel(c));
            }
        }
        drop(target, random);
    }

    /** Sets dropped sequences to 0. */
    private void drop(Target target, RandomSource random) {
        if (settings.sequenceDropout() == 0 || droppable.isEmpty()) {
            return;
        }
        boolean[] dropped = new boolean[droppable.size()];
        boolean all = true;
        for (int i = 0; i < dropped.length; i++) {
            dropped[i] = random.chance(settings.sequenceDropout());
            all &= dropped[i];
        }
        if (all) {
            dropped[random.below(dropped.length)] = false;
        }
        for (int i = 0; i < dropped.length; i++) {
            if (dropped[i]) {
                Channel channel = target.channel(droppable.get(i));
                Arrays.fill(channel.values(), channel.start(), channel.end(), 0);
            }
        }
    }
}
