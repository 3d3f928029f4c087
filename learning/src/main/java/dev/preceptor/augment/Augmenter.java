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
 * Takes patches from images and changes them as the settings say: one draw of the place for all sequences and labels, one of
 * the strength for each sequence. What a patch becomes depends on the draws alone. Thread-safe.
 *
 * <p>The order is that of nnU-Net (methods.md 8.4), with what happens in the scanner after the place and before the noise:
 * place, motion, ghosting, spike, bias field, noise, blur, brightness, contrast, low resolution, inverted gamma, gamma; then
 * voxels that are 0 in all sequences, which is outside the brain, are 0 again, and sequences are dropped.
 */
public final class Augmenter {
    private final Augmentation settings;
    private final List<Integer> droppable;
    private final List<Step> steps;

    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    private record Step(TransformSettings chance, IntensityTransform.Kind kind) {}

    /** @param droppable the sequences by number of which some may be missing, though not all; empty for none */
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
     * Where a patch of several sequences stands, or shall stand, in arrays of a batch.
     *
     * @param size its extents
     * @param images the sequences one after the other from {@code imageStart} on, each z-fastest
     * @param classes the labels from {@code classStart} on, z-fastest
     */
    public record Target(Size size, float[] images, int imageStart, byte[] classes, int classStart) {
        Channel channel(int sequence) {
            return new Channel(images, imageStart + sequence * size.voxels(), size);
        }
    }

    /**
     * Takes a patch from where it lies, but for what is drawn, if anything is.
     *
     * @param images one a sequence, z-fastest
     * @param classes z-fastest, 0 to 7
     * @param from the size of all of them
     * @param box where the patch lies without rotation and scaling
     * @param mirrored which axes are mirrored
     * @return whether it was; if not, it lies just there and the target is left as it is
     */
    public boolean warp(
            List<FloatBuffer> images,
            ByteBuffer classes,
            Size from,
            Box box,
            boolean[] mirrored,
            Target target,
            RandomSource randomSource) {
        Optional<Warp> warp = Warp.draw(settings, box, mirrored, randomSource);
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

    /** Changes the intensities of a patch. */
    public void distort(Target target, int sequences, RandomSource randomSource) {
        BackgroundMask backgroundMask = null;
        for (Step step : steps) {
            if (!randomSource.chance(step.chance.probability())) {
                continue;
            }
            if (backgroundMask == null) {
                backgroundMask = BackgroundMask.of(target, sequences);
            }
            for (int c = 0; c < sequences; c++) {
                if (randomSource.chance(step.chance.perSequence())) {
                    step.kind.draw(step.chance, target.size, randomSource).apply(target.channel(c));
                }
            }
        }
        if (backgroundMask != null) {
            for (int c = 0; c < sequences; c++) {
                backgroundMask.clear(target.channel(c));
            }
        }
        drop(target, randomSource);
    }

    private void drop(Target target, RandomSource randomSource) {
        if (settings.sequenceDropout() == 0 || droppable.isEmpty()) {
            return;
        }
        boolean[] dropped = new boolean[droppable.size()];
        boolean all = true;
        for (int i = 0; i < dropped.length; i++) {
            dropped[i] = randomSource.chance(settings.sequenceDropout());
            all &= dropped[i];
        }
        if (all) {
            dropped[randomSource.below(dropped.length)] = false;
        }
        for (int i = 0; i < dropped.length; i++) {
            if (dropped[i]) {
                Channel channel = target.channel(droppable.get(i));
                Arrays.fill(channel.values(), channel.start(), channel.end(), 0);
            }
        }
    }
}
