package dev.preceptor.nifti;

import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The output of {@code preceptor inspect}: the header of a file and a few numbers about its voxels.
 *
 * @param header the checked header
 * @param values statistics of the voxels; empty if they cannot be decoded as real numbers
 */
public record NiftiSummary(NiftiHeader header, Optional<Values> values) {
    /**
     * Voxels in file order, with scaling applied, in double precision.
     *
     * @param first5 the first five values, or all if there are fewer
     * @param last2 the last two values
     * @param sum the sum of all values, added in file order
     */
    public record Values(List<Double> first5, List<Double> last2, double sum) {
        public Values {
            first5 = List.copyOf(first5);
            last2 = List.copyOf(last2);
        }
    }

    /**
     * The summary as a map for JSON, in this order: {@code format}, {@code datatype}, {@code endian} (le or be), {@code
     * shape}, {@code affine} (4x4), {@code first5}, {@code last2}, {@code sum} (these three are null if the voxels are
     * not real numbers), then the remaining header fields. Values are strings, numbers, lists or null.
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("format", header.format());
        map.put("datatype", header.datatype().toString());
        map.put("endian", header.order() == ByteOrder.LITTLE_ENDIAN ? "le" : "be");
        map.put("shape", header.shape());
        map.put("affine", header.affine().toMatrix());
        map.put("first5", values.map(Values::first5).orElse(null));
        map.put("last2", values.map(Values::last2).orElse(null));
        map.put("sum", values.map(Values::sum).orElse(null));
        map.put("qform_code", header.qformCode());
        map.put("sform_code", header.sformCode());
        map.put("scl_slope", header.slope());
        map.put("scl_inter", header.intercept());
        map.put("xyzt_units", header.units());
        map.put("description", header.description());
        map.put("warnings", header.warnings());
        return Collections.unmodifiableMap(map);
    }
}
