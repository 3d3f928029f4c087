package dev.preceptor.infer;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Tissue;
import java.util.List;

/**
 * Writes region probabilities as labels. Regions that were learned one by one: WT above 0.5 becomes ED, then TC above 0.5
 * NCR, then ET above 0.5 ET, each over the one before. Classes that were learned under one softmax: the most probable of
 * background, NCR, ED, ET, whose probabilities are 1 - WT, TC - ET, WT - TC and ET.
 */
final class LabelExport {
    private final byte necrosis;
    private final byte oedema;
    private final byte enhancing;
    private final LabelSchema schema;
    private final TargetEncoding targetEncoding;

    LabelExport(LabelSchema schema, TargetEncoding targetEncoding) {
        this.schema = schema;
        this.targetEncoding = targetEncoding;
        this.necrosis = value(Tissue.NCR);
        this.oedema = value(Tissue.ED);
        this.enhancing = value(Tissue.ET);
    }

    private byte value(Tissue tissue) {
        return schema.valueOf(tissue).orElseThrow().byteValue();
    }

    LabelMap labels(Grid grid, List<float[]> probabilities) {
        float[] whole = probabilities.get(0);
        float[] core = probabilities.get(1);
        float[] active = probabilities.get(2);
        byte[] labels = new byte[whole.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = targetEncoding == TargetEncoding.CLASSES
                    ? mostProbable(whole[i], core[i], active[i])
                    : written(whole[i], core[i], active[i]);
        }
        return new LabelMap(grid, labels, schema);
    }

    private byte written(float whole, float core, float active) {
        if (active > 0.5f) {
            return enhancing;
        }
        if (core > 0.5f) {
            return necrosis;
        }
        return whole > 0.5f ? oedema : 0;
    }

    private byte mostProbable(float whole, float core, float active) {
        byte label = 0;
        float best = 1 - whole;
        if (core - active > best) {
            best = core - active;
            label = necrosis;
        }
        if (whole - core > best) {
            best = whole - core;
            label = oedema;
        }
        return active > best ? enhancing : label;
    }
}
