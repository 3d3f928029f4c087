package dev.preceptor.dicomweb;

import dev.preceptor.dicom.Tag;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a search matches (QIDO-RS, PS3.18 section 8.3.4). All conditions must hold.
 *
 * @param conditions values by keyword of the attribute, for example {@code Modality: MR}; {@code *} and {@code ?} are
 *     wildcards, dates are {@code 20260101} or {@code 20260101-20261231}
 * @param limit largest number of results, at least 1
 */
public record Query(Map<String, String> conditions, int limit) {
    private static final int MANY = 1_000_000;

    /** Matches everything. */
    public static final Query ALL = new Query(Map.of(), MANY);

    public Query {
        conditions = Collections.unmodifiableMap(new LinkedHashMap<>(conditions));
        if (limit < 1) {
            throw new IllegalArgumentException("limit is at least 1");
        }
        if (!conditions.keySet().stream().allMatch(keyword -> keyword.matches("[A-Za-z0-9.]+"))) {
            throw new IllegalArgumentException("attributes are named by keywords such as StudyDate");
        }
    }

    /** This query with another condition. */
    public Query where(String keyword, String value) {
        Map<String, String> more = new LinkedHashMap<>(conditions);
        more.put(keyword, value);
        return new Query(more, limit);
    }

    /** The query part of a URL without the question mark, for one page of results. */
    String page(int offset, int size, Tag... fields) {
        StringBuilder text = new StringBuilder();
        conditions.forEach((keyword, value) -> text.append(keyword)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"))
                .append('&'));
        for (Tag field : fields) {
            text.append("includefield=").append(field.hex()).append('&');
        }
        return text.append("limit=")
                .append(size)
                .append("&offset=")
                .append(offset)
                .toString();
    }
}
