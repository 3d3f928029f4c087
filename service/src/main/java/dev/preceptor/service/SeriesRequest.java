package dev.preceptor.service;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicomweb.Uids;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The request for a series in the PACS, as {@code openapi.yaml} describes it.
 *
 * @param model name of the model; empty for the first
 * @param sequence what the series is; empty if its headers are to say it
 * @param study UID
 * @param series UID
 * @param deliver whether the segmentation goes to the PACS
 */
record SeriesRequest(Optional<String> model, Optional<String> sequence, String study, String series, boolean deliver) {
    private static final List<String> KEYS = List.of("model", "sequence", "study", "series", "deliver");

    /**
     * Reads a request.
     *
     * @throws PreceptorException if it has an unknown key, a value of another type, or lacks a UID
     */
    static SeriesRequest parse(String json) {
        JsonNode request = JsonFiles.parse(json);
        if (!request.isObject()) {
            throw new PreceptorException("the request is no object of JSON; it needs the keys study and series");
        }
        request.propertyNames().stream()
                .filter(key -> !KEYS.contains(key))
                .findFirst()
                .ifPresent(SeriesRequest::refuse);
        return new SeriesRequest(
                text(request, "model"),
                text(request, "sequence"),
                uid(request, "study"),
                uid(request, "series"),
                deliver(request));
    }

    /** A key may be any text of the caller; one that is no word is not repeated. */
    private static void refuse(String key) {
        throw new PreceptorException((key.matches("\\w{1,40}") ? "the key \"" + key + "\"" : "a key")
                + " is unknown; known here: " + String.join(", ", KEYS));
    }

    private static Optional<String> text(JsonNode request, String key) {
        if (!request.has(key)) {
            return Optional.empty();
        }
        if (!request.path(key).isString()) {
            throw new PreceptorException(key + " must be a text");
        }
        return Optional.of(request.path(key).stringValue());
    }

    private static String uid(JsonNode request, String key) {
        String uid = text(request, key).orElse("");
        if (!Uids.isUid(uid)) {
            throw new PreceptorException("the request needs " + key + ", a UID of digits and dots");
        }
        return uid;
    }

    private static boolean deliver(JsonNode request) {
        if (!request.has("deliver")) {
            return true;
        }
        if (!request.path("deliver").isBoolean()) {
            throw new PreceptorException("deliver must be true or false, without quotes");
        }
        return request.path("deliver").booleanValue();
    }
}
