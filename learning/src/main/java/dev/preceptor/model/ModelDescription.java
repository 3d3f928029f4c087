package dev.preceptor.model;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Tissue;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything about a model but its weights. The regions are always WT, TC, ET.
 *
 * @param network what builds the network
 * @param inputs the sequences, in the order of the input channels
 * @param outputs what the output channels mean
 * @param schema labels of the cohort on which the model was trained, and of its predictions; it has NCR, ED and ET
 * @param preprocessing from volumes to the network's input
 * @param patch extent of a tile in voxels of the network's input
 * @param overlap share of a tile that its neighbour along an axis covers too, 0 to 0.9
 * @param provenance where the model comes from: recipe hash, cohort fingerprint, commit, version, date, and whom it met
 *     ({@link TrainedOn}), by name
 * @param scores its validation figures
 */
public record ModelDescription(
        NetworkSpec network,
        List<Sequence> inputs,
        TargetEncoding outputs,
        LabelSchema schema,
        Preprocessing preprocessing,
        Size patch,
        double overlap,
        Map<String, String> provenance,
        Scores scores) {
    private static final int LONGEST_PATCH = 1024;

    /** @throws InvalidRecipeException if the parts contradict each other or are out of range */
    public ModelDescription {
        inputs = List.copyOf(inputs);
        provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
        TrainedOn.in(provenance);
        require(
                !inputs.isEmpty() && new HashSet<>(inputs).size() == inputs.size(),
                "inputs must be distinct sequences");
        require(
                network.inputs() == inputs.size(),
                "the network has " + network.inputs() + " input channels but there are the inputs " + inputs);
        require(
                network.outputs() == outputs.channels(),
                "the network has " + network.outputs() + " output channels but " + outputs + " means "
                        + outputs.channels());
        for (Tissue tissue : List.of(Tissue.NCR, Tissue.ED, Tissue.ET)) {
            require(schema.valueOf(tissue).isPresent(), "the label schema " + schema + " has no " + tissue);
        }
        require(overlap >= 0 && overlap <= 0.9, "overlap must be 0 to 0.9, not " + overlap);
        for (int axis = 0; axis < 3; axis++) {
            require(patch.along(axis) <= LONGEST_PATCH, "patch must be at most " + LONGEST_PATCH + ", not " + patch);
        }
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new InvalidRecipeException(problem);
        }
    }

    /** The same with other validation figures. */
    public ModelDescription withScores(Scores earned) {
        return new ModelDescription(
                network, inputs, outputs, schema, preprocessing, patch, overlap, provenance, earned);
    }
}
