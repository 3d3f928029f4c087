package dev.preceptor.model;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.quality.Reliability;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything about a model except its weights.
 *
 * @param network name and settings of the network
 * @param inputs the sequences, in the order of the input channels
 * @param outputs the meaning of the output channels
 * @param schema the label space of the training cohort and of the predictions; it has a value for each class that a region is
 *     written as
 * @param preprocessing the transform from volumes to the network's input
 * @param patch extent of a tile in voxels of the network's input, at most 1024 each and 2^25 voxels in all
 * @param overlap share of a tile that its neighbour along an axis covers too, 0 to 0.9
 * @param provenance origin of the model by key: recipe hash, cohort fingerprint, commit, version, date, and the subjects it
 *     was trained on ({@link TrainedOn})
 * @param scores its validation scores
 * @param postProcessing what a prediction removes from the masks of the regions
 * @param reliability temperatures, expected Dice and guards of its inputs
 * @param bedside of a model that takes any subset of its inputs, those with which it was validated, in the order of the inputs; empty for
 *     other models, and where it is not known
 */
public record ModelDescription(
        NetworkSpec network,
        List<Sequence> inputs,
        TargetEncoding outputs,
        LabelSpace schema,
        Preprocessing preprocessing,
        Size patch,
        double overlap,
        Map<String, String> provenance,
        Scores scores,
        PostProcessing postProcessing,
        Reliability reliability,
        List<Sequence> bedside) {
    private static final int MAX_PATCH = 1024;
    /** About 322^3: more than a whole brain image at 1 mm, which has 240 x 240 x 155. */
    private static final long MAX_PATCH_VOXELS = 1 << 25;
    /** 512^3. */
    private static final long MAX_IMAGE_VOXELS = 1 << 27;

    /** @throws InvalidRecipeException if the parts contradict each other or are out of range */
    public ModelDescription {
        inputs = List.copyOf(inputs);
        bedside = List.copyOf(bedside);
        provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
        TrainedOn.in(provenance);
        require(
                !inputs.isEmpty() && new HashSet<>(inputs).size() == inputs.size(),
                "inputs must be distinct sequences");
        require(
                network.inputs() == inputs.size(),
                "the network has " + network.inputs() + " input channels but there are the inputs " + inputs);
        int channels = new Targets(outputs, schema).channels();
        require(
                network.outputs() == channels,
                "the network has " + network.outputs() + " output channels but " + outputs + " means " + channels);
        require(!schema.regions().isEmpty(), "the label space " + schema + " has no regions");
        for (Region region : schema.regions()) {
            require(
                    schema.valueOf(region.writtenAs()).isPresent(),
                    "the label space " + schema + " has no " + region.writtenAs());
        }
        postProcessing.requireRegionsOf(schema);
        requireKnown(
                schema.regions().stream().map(Region::name).toList(),
                reliability.temperatures().byRegion());
        requireKnown(schema.regions().stream().map(Region::name).toList(), reliability.quality());
        requireKnown(schema.regions().stream().map(Region::name).toList(), reliability.shifts());
        List<String> names = inputs.stream().map(Sequence::name).toList();
        reliability.guards().ifPresent(guards -> requireKnown(names, guards.images()));
        require(
                bedside.equals(inputs.stream().filter(bedside::contains).toList()),
                "bedside must be some of the inputs " + inputs + " in their order, not " + bedside);
        require(overlap >= 0 && overlap <= 0.9, "overlap must be 0 to 0.9, not " + overlap);
        for (int axis = 0; axis < 3; axis++) {
            require(patch.along(axis) <= MAX_PATCH, "patch must be at most " + MAX_PATCH + ", not " + patch);
        }
        require(
                voxels(List.of(patch.x(), patch.y(), patch.z())) <= MAX_PATCH_VOXELS,
                "patch must have at most " + MAX_PATCH_VOXELS + " voxels, not " + patch);
        require(
                voxels(preprocessing.size()) <= MAX_IMAGE_VOXELS && voxels(preprocessing.resize()) <= MAX_IMAGE_VOXELS,
                "size and resize of the preprocessing must have at most " + MAX_IMAGE_VOXELS + " voxels, not "
                        + preprocessing.size() + " and " + preprocessing.resize());
    }

    /** A model without post-processing, which knows nothing about its reliability. */
    public ModelDescription(
            NetworkSpec network,
            List<Sequence> inputs,
            TargetEncoding outputs,
            LabelSpace schema,
            Preprocessing preprocessing,
            Size patch,
            double overlap,
            Map<String, String> provenance,
            Scores scores) {
        this(
                network,
                inputs,
                outputs,
                schema,
                preprocessing,
                patch,
                overlap,
                provenance,
                scores,
                PostProcessing.NONE,
                Reliability.NONE,
                List.of());
    }

    private static void requireKnown(List<String> known, Map<String, ?> named) {
        named.keySet().forEach(name -> require(known.contains(name), name + " is none of " + known));
    }

    private static long voxels(List<Integer> extents) {
        return extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new InvalidRecipeException(problem);
        }
    }

    /** What the output channels mean. */
    public Targets targets() {
        return new Targets(outputs, schema);
    }

    /** A copy with other validation scores. */
    public ModelDescription withScores(Scores newScores) {
        return with(newScores, postProcessing, reliability, bedside);
    }

    /** A copy with another post-processing. */
    public ModelDescription withPostProcessing(PostProcessing other) {
        return with(scores, other, reliability, bedside);
    }

    /** A copy with another knowledge about its reliability. */
    public ModelDescription withReliability(Reliability other) {
        return with(scores, postProcessing, other, bedside);
    }

    /** A copy that was validated with other sequences. */
    public ModelDescription withBedside(List<Sequence> other) {
        return with(scores, postProcessing, reliability, other);
    }

    private ModelDescription with(
            Scores newScores, PostProcessing rules, Reliability known, List<Sequence> validatedWith) {
        return new ModelDescription(
                network,
                inputs,
                outputs,
                schema,
                preprocessing,
                patch,
                overlap,
                provenance,
                newScores,
                rules,
                known,
                validatedWith);
    }
}
