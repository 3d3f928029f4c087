package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicomweb.MultipartException;
import dev.preceptor.dicomweb.MultipartLimits;
import dev.preceptor.dicomweb.MultipartReader;
import dev.preceptor.http.Exchange;
import dev.preceptor.http.HttpStatusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a caller sent as {@code multipart/form-data}: fields and files. Names of files are not read.
 *
 * @param fields values of {@code model} and {@code sequence}
 * @param files in their order, each with the name of its part
 */
record Upload(Map<String, String> fields, List<Part> files) {
    private static final int FIELD_BYTES = 256;
    private static final int HEADER_BYTES = 8 << 10;
    private static final List<String> FIELDS = List.of("model", "sequence");

    /** A file and the name of its part. */
    record Part(String name, ReceivedFile file) {}

    /** The value of a field; empty if it is missing or empty. */
    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name)).filter(value -> !value.isBlank());
    }

    /**
     * Reads the body of a request to files of random names.
     *
     * @param folder receives them
     * @throws HttpStatusException 413 if a limit is exceeded, 400 if the body is cut or malformed
     */
    static Upload receive(Exchange exchange, Path folder, UploadLimits limits) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        List<Part> files = new ArrayList<>();
        try (InputStream body = exchange.body()) {
            MultipartReader reader = reader(exchange, body, "multipart/form-data", limits);
            for (Optional<MultipartReader.Part> part = reader.next(); part.isPresent(); part = reader.next()) {
                String name = part.get().name().orElse("file");
                if (FIELDS.contains(name) && part.get().fileName().isEmpty()) {
                    fields.put(name, field(name, part.get().content()));
                } else {
                    files.add(new Part(name, ReceivedFile.receive(part.get().content(), folder, count -> {})));
                }
            }
        } catch (MultipartException e) {
            throw refusal(e);
        }
        if (files.isEmpty()) {
            throw new PreceptorException("the request has no file");
        }
        return new Upload(fields, files);
    }

    /** A reader for the body of a request of a media type. */
    static MultipartReader reader(Exchange exchange, InputStream body, String type, UploadLimits limits)
            throws MultipartException {
        String given = exchange.header("Content-Type").orElse("");
        if (!given.toLowerCase(java.util.Locale.ROOT).startsWith(type)) {
            throw new HttpStatusException(415, "the body must be " + type);
        }
        // Fields and the parts beyond the files that an archive may have.
        return MultipartReader.of(
                body,
                given,
                new MultipartLimits(limits.files() + FIELDS.size(), HEADER_BYTES, limits.bytes(), limits.bytes()));
    }

    static HttpStatusException refusal(MultipartException e) {
        return new HttpStatusException(e.fault() == MultipartException.Fault.LIMIT ? 413 : 400, e.getMessage());
    }

    private static String field(String name, InputStream content) throws IOException {
        byte[] bytes = content.readNBytes(FIELD_BYTES + 1);
        if (bytes.length > FIELD_BYTES) {
            throw new HttpStatusException(413, "the field " + name + " has more than " + FIELD_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8).strip();
    }
}
