package dev.preceptor.infer;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Tissue;
import java.util.List;

/**
 * Converts region probabilities to labels. For a network with one sigmoid per region: ED where WT is above 0.5, then NCR where
 * TC is, then ET where ET is, each overwriting the former. For a network with one softmax over classes: the most probable of
 * background, NCR, ED and ET, whose probabilities are 1 - WT, TC - ET, WT - TC and ET.
 */
final class LabelExport {
    private final byte necrosis;
    private final byte oedema;
    private final byte enhancingTumour;
    private final LabelSchema schema;
    private final TargetEncoding targetEncoding;

    LabelExport(LabelSchema schema, TargetEncoding targetEncoding) {
        this.schema = schema;
        this.targetEncoding = targetEncoding;
        this.necrosis = value(Tissue.NCR);
        this.oedema = value(Tissue.ED);
        this.enhancingTumour = value(Tissue.ET);
    }

    private byte value(Tissue tissue) {
        return schema.valueOf(tissue).orElseThrow().byteValue();
    }

    /**
     * The label map of a subject.
     *
     * @param probabilities of WT, TC and ET, x-fastest on the grid
     */
    LabelMap labels(Grid grid, List<float[]> probabilities) {
        float[] whole = probabilities.get(0);
        float[] core = probabilities.get(1);
        float[] enhancing = probabilities.get(2);
        byte[] labels = new byte[whole.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = targetEncoding == TargetEncoding.CLASSES
                    ? mostProbable(whole[i], core[i], enhancing[i])
                    : byThreshold(whole[i], core[i], enhancing[i]);
        }
        return new LabelMap(grid, labels, schema);
    }

    private byte byThreshold(float whole, float core, float enhancing) {
        if (enhancing > 0.5f) {
            return enhancingTumour;
        }
        if (core > 0.5f) {
            return necrosis;
        }
        return whole > 0.5f ? oedema : 0;
    }

    private byte mostProbable(float whole, float core, float enhancing) {
        byte label = 0;
        float best = 1 - whole;
        if (core - enhancing > best) {
            best = core - enhancing;
            label = necrosis;
        }
        if (whole - core > best) {
            best = whole - core;
            label = oedema;
        }
        return enhancing > best ? enhancingTumour : label;
    }
}
