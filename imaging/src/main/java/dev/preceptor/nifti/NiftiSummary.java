package dev.preceptor.nifti;

import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person who inspects a file wants to see: its header, and its voxels in a few numbers.
 *
 * @param header what the file says of itself
 * @param values the voxels in a few numbers; nothing for voxels that are not real numbers
 */
public record NiftiSummary(NiftiHeader header, Optional<Values> values) {
    /**
     * Voxels in file order, scaled, in double precision.
     *
     * @param first5 the first five, or fewer if there are no five
     * @param last2 the last two
     * @param sum the sum over all, added one after the other
     */
    public record Values(List<Double> first5, List<Double> last2, double sum) {
        public Values {
            first5 = List.copyOf(first5);
            last2 = List.copyOf(last2);
        }
    }

    /**
     * As one prints it as JSON: {@code format}, {@code datatype}, {@code endian} (le or be), {@code shape}, {@code affine}
     * (4x4), {@code first5}, {@code last2}, {@code sum} (these three null for voxels that are not real numbers) and what
     * else the header says. Strings, numbers, lists and null only; in this order.
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
