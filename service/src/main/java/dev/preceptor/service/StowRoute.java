package dev.preceptor.service;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicom.Tag;
import dev.preceptor.dicomweb.MultipartException;
import dev.preceptor.dicomweb.MultipartReader;
import dev.preceptor.http.Exchange;
import dev.preceptor.http.OneLineJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stores instances as STOW-RS says (PS3.18, section 10.5). For any number of threads. */
final class StowRoute {
    private static final String DICOM_JSON = "application/dicom+json";
    /** Failure Reason (0008,1197) of PS3.18, table I.2-2. */
    private static final int CANNOT_UNDERSTAND = 0xC000;

    private static final int CLASS_NOT_SUPPORTED = 0x0122;
    private static final int DUPLICATE = 0x0111;

    private final DataFolder data;
    private final IncomingSeries series;
    private final AuditLog audit;
    private final ServiceMetrics metrics;
    private final UploadLimits limits;

    StowRoute(DataFolder data, IncomingSeries series, AuditLog audit, ServiceMetrics metrics, UploadLimits limits) {
        this.data = data;
        this.series = series;
        this.audit = audit;
        this.metrics = metrics;
        this.limits = limits;
    }

    /** What became of the instances of a request, as items of the two sequences of the answer. */
    private record Report(List<Object> stored, List<Object> failed) {
        void store(InstanceHeader header) {
            stored.add(reference(header));
        }

        void fail(Optional<InstanceHeader> header, int reason) {
            Map<String, Object> item = header.map(Report::reference).orElseGet(LinkedHashMap::new);
            put(item, Tag.FAILURE_REASON, List.of(reason));
            failed.add(item);
        }

        private static Map<String, Object> reference(InstanceHeader header) {
            Map<String, Object> item = new LinkedHashMap<>();
            put(item, Tag.REFERENCED_SOP_CLASS, List.of(header.sopClass()));
            put(item, Tag.REFERENCED_SOP_INSTANCE, List.of(header.instance()));
            return item;
        }

        private static void put(Map<String, Object> attributes, Tag tag, List<?> values) {
            attributes.put(tag.hex(), Map.of("vr", tag.vr().name(), "Value", values));
        }

        int status() {
            if (stored.isEmpty()) {
                return 409;
            }
            return failed.isEmpty() ? 200 : 202;
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            if (!failed.isEmpty()) {
                put(json, Tag.FAILED_INSTANCES, failed);
            }
            put(json, Tag.STORED_INSTANCES, stored);
            return json;
        }
    }

    /** Takes the instances of a request. */
    void handle(Exchange exchange) throws IOException {
        Path folder = data.newFolder();
        Report report = new Report(new ArrayList<>(), new ArrayList<>());
        try (InputStream body = exchange.body()) {
            MultipartReader reader = Upload.reader(exchange, body, "multipart/related", limits);
            for (Optional<MultipartReader.Part> part = reader.next(); part.isPresent(); part = reader.next()) {
                take(ReceivedFile.receive(part.get().content(), folder, count -> {}), report);
            }
        } catch (MultipartException e) {
            throw Upload.refusal(e);
        } finally {
            AtomicFiles.deleteFolder(folder);
        }
        if (report.stored().isEmpty() && report.failed().isEmpty()) {
            throw new PreceptorException("the request has no instance");
        }
        audit.write(
                exchange.caller(),
                "instances-stored",
                report.stored().size() + " accepted, " + report.failed().size() + " failed");
        exchange.respond(report.status(), DICOM_JSON, OneLineJson.of(report.json()) + "\n");
    }

    private void take(ReceivedFile file, Report report) {
        InstanceHeader header;
        try {
            header = InstanceHeader.read(file.path());
        } catch (PreceptorException e) {
            report.fail(Optional.empty(), CANNOT_UNDERSTAND);
            return;
        }
        if (!header.isMrImage()) {
            report.fail(Optional.of(header), CLASS_NOT_SUPPORTED);
            return;
        }
        if (series.receive(file.path(), header) == IncomingSeries.Outcome.CONFLICT) {
            report.fail(Optional.of(header), DUPLICATE);
        } else {
            metrics.onInstance();
            report.store(header);
        }
    }
}
