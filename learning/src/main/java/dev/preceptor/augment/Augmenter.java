package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
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
     * @param images one per sequence, z-fastest; the channels of absent ones are not written
     * @param classes z-fastest, 0 to 127 (127: ignored); if absent, the target's are not written
     * @param from size of the images and the classes in voxels
     * @param box of the patch without the transform
     * @param mirrored which axes are mirrored
     * @return whether a transform was drawn; if not, the target is unchanged
     */
    public boolean warp(
            List<Optional<FloatBuffer>> images,
            Optional<ByteBuffer> classes,
            Size from,
            Box box,
            boolean[] mirrored,
            Target target,
            RandomSource random) {
        Optional<Warp> warp = Warp.draw(settings, box, mirrored, random);
        if (warp.isEmpty()) {
            return false;
        }
        List<FloatBuffer> measured = new ArrayList<>();
        List<Channel> channels = new ArrayList<>();
        for (int c = 0; c < images.size(); c++) {
            if (images.get(c).isPresent()) {
                measured.add(images.get(c).get());
                channels.add(target.channel(c));
            }
        }
        warp.get()
                .resample(
                        measured,
                        classes,
                        from,
                        channels.toArray(Channel[]::new),
                        target.classes,
                        target.classStart,
                        scratch.get());
        return true;
    }

    /**
     * What {@link #transformIntensities} did to a patch.
     *
     * @param isAltered whether a transform was drawn or a sequence dropped
     * @param dropped which sequences were set to 0
     */
    public record AppliedTransforms(boolean isAltered, boolean[] dropped) {}

    /**
     * Applies the intensity transforms that are drawn to a patch, and drops sequences.
     *
     * @param measured which sequences the patch has; the channels of the others stay 0
     */
    public AppliedTransforms transformIntensities(Target target, boolean[] measured, RandomSource random) {
        int sequences = measured.length;
        boolean isTransformed = false;
        List<List<IntensityTransform>> drawn = new ArrayList<>();
        for (int c = 0; c < sequences; c++) {
            drawn.add(new ArrayList<>());
        }
        for (Step step : steps) {
            if (!random.chance(step.settings.probability())) {
                continue;
            }
            isTransformed = true;
            for (int c = 0; c < sequences; c++) {
                if (measured[c] && random.chance(step.settings.perSequence())) {
                    drawn.get(c).add(step.kind.draw(step.settings, target.size, random));
                }
            }
        }
        if (isTransformed) {
            transform(target, drawn);
        }
        boolean[] dropped = new boolean[sequences];
        boolean isDropped = drop(target, measured, random, dropped);
        return new AppliedTransforms(isTransformed || isDropped, dropped);
    }

    /** Applies all transforms of one sequence before those of the next, so that the sequence stays in the cache. */
    private static void transform(Target target, List<List<IntensityTransform>> drawn) {
        BackgroundMask background = BackgroundMask.of(target, drawn.size());
        for (int c = 0; c < drawn.size(); c++) {
            DeferredChannel channel = new DeferredChannel(target.channel(c));
            drawn.get(c).forEach(transform -> transform.apply(channel));
            background.clear(channel.materialise());
        }
    }

    /**
     * Sets dropped sequences to 0.
     *
     * @param dropped receives which were dropped
     * @return whether one was dropped
     */
    private boolean drop(Target target, boolean[] measured, RandomSource random, boolean[] dropped) {
        List<Integer> candidates = droppable.stream().filter(c -> measured[c]).toList();
        if (settings.sequenceDropout() == 0 || candidates.isEmpty()) {
            return false;
        }
        int count = 0;
        for (int c : candidates) {
            dropped[c] = random.chance(settings.sequenceDropout());
            count += dropped[c] ? 1 : 0;
        }
        if (count == candidates.size()) {
            dropped[candidates.get(random.below(count))] = false;
            count--;
        }
        for (int c : candidates) {
            if (dropped[c]) {
                Channel channel = target.channel(c);
                Arrays.fill(channel.values(), channel.start(), channel.end(), 0);
            }
        }
        return count > 0;
    }
}
