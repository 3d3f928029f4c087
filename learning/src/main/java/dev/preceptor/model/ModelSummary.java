package dev.preceptor.model;

import dev.preceptor.data.Preprocessing;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;

/**
 * The summary of a model that {@code preceptor inspect} prints; the components are the keys of its JSON.
 *
 * @param format version of the file format
 * @param network name and settings of the network
 * @param parameters number of weights
 * @param inputs names of the input sequences, in order
 * @param bedside of a model of any subset, the inputs with which it was validated; empty otherwise
 * @param outputs the meaning of the output channels
 * @param regions names of the regions
 * @param schema the label schema of the predictions
 * @param preprocessing the transform from volumes to the network's input
 * @param patch extent of a tile in voxels
 * @param overlap share of a tile that its neighbour covers too
 * @param postProcessing what a prediction removes, by region
 * @param reliability temperatures, expected Dice and thresholds of the guards in short; parts that were not fitted are missing
 * @param scores validation scores
 * @param provenance origin of the model; numbers in place of lists of subjects
 */
public record ModelSummary(
        String format,
        NetworkSpec network,
        long parameters,
        List<String> inputs,
        List<String> bedside,
        TargetEncoding outputs,
        List<String> regions,
        ModelLabels schema,
        Preprocessing preprocessing,
        List<Integer> patch,
        double overlap,
        Map<String, RegionRule> postProcessing,
        Map<String, Object> reliability,
        Scores scores,
        Map<String, String> provenance) {
    static ModelSummary of(ModelDescription model, long parameters) {
        return new ModelSummary(
                ModelMetadata.FORMAT,
                model.network(),
                parameters,
                model.inputs().stream().map(Sequence::name).toList(),
                model.bedside().stream().map(Sequence::name).toList(),
                model.outputs(),
                model.schema().regions().stream().map(Region::name).toList(),
                ModelLabels.of(model.schema()),
                model.preprocessing(),
                ModelMetadata.extents(model.patch()),
                model.overlap(),
                model.postProcessing().rules(),
                model.reliability().summary(),
                model.scores(),
                TrainedOn.brief(model.provenance()));
    }
}
