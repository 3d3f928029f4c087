package dev.preceptor.dicomweb;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicom.Tag;
import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stores instances in batches (STOW-RS). A request whose outcome is unknown is not simply repeated: the PACS is asked which
 * instances have arrived, until its response no longer changes, and the rest is sent. A PACS that fails is away: it is waited for as long as
 * the patience lasts. Used once.
 */
final class InstanceStore {
    private static final int BATCH_INSTANCES = 50;
    private static final long BATCH_BYTES = 64L << 20;
    private static final long MIN_BYTES_PER_SECOND = 100_000;
    private static final Duration SETTLING = Duration.ofSeconds(1);
    private static final int FAILURES_BEFORE_SPLIT = 2;
    /** Statuses that every request would get. */
    private static final Set<Integer> LOGIN_OR_PLACE = Set.of(401, 403, 404);
    /** Statuses that a request of fewer instances may not get: one of them is bad, or all are too large. */
    private static final Set<Integer> FEWER_MAY_PASS = Set.of(400, 413);

    private final Transport transport;
    private final DicomWebClient client;
    private final DicomWebListener listener;
    private final List<StoreReport.Refusal> refused = new ArrayList<>();
    private int total;
    private int stored;
    private int alreadyStored;

    InstanceStore(Transport transport, DicomWebClient client, DicomWebListener listener) {
        this.transport = transport;
        this.client = client;
        this.listener = listener;
    }

    StoreReport store(List<LocalInstance> instances) {
        Map<String, LocalInstance> toSend = new LinkedHashMap<>();
        for (LocalInstance instance : instances) {
            LocalInstance other = toSend.putIfAbsent(instance.uid(), instance);
            if (other != null && !other.hasContentOf(instance)) {
                throw new PreceptorException(other.file() + " and " + instance.file()
                        + " differ but have the same SOP Instance UID; give one of them");
            }
        }
        total = toSend.size();
        Set<String> before = present(toSend.values());
        toSend.keySet().removeAll(before);
        alreadyStored = before.size();
        report();
        for (List<LocalInstance> batch : batches(toSend.values())) {
            send(batch);
        }
        return new StoreReport(stored, alreadyStored, refused);
    }

    private static List<List<LocalInstance>> batches(Collection<LocalInstance> instances) {
        List<List<LocalInstance>> batches = new ArrayList<>();
        List<LocalInstance> batch = new ArrayList<>();
        long bytes = 0;
        for (LocalInstance instance : instances) {
            if (batch.size() == BATCH_INSTANCES || (!batch.isEmpty() && bytes + instance.bytes() > BATCH_BYTES)) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(instance);
            bytes += instance.bytes();
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    private void send(List<LocalInstance> batch) {
        List<LocalInstance> pending = new ArrayList<>(batch);
        int attempts = transport.settings().retry().attempts();
        int failed = 0;
        while (!pending.isEmpty()) {
            try {
                settle(pending, post(pending));
                return;
            } catch (DicomWebException e) {
                failed++;
                boolean isUnavailable = e.isTransient() || e.status() >= 500;
                boolean isRefusal = e.status() >= 400 && !isUnavailable;
                boolean isForAll = LOGIN_OR_PLACE.contains(e.status())
                        || isRefusal && pending.size() > 1 && !FEWER_MAY_PASS.contains(e.status());
                if (!isRefusal && !isUnavailable || isForAll || isUnavailable && failed >= attempts) {
                    throw incomplete(e);
                }
                if (isUnavailable) {
                    transport.pause(listener, failed, e);
                }
                int sent = pending.size();
                removeArrived(pending);
                if (isRefusal && sent == 1) {
                    pending.forEach(instance -> refuse(instance, "status " + e.status()));
                    return;
                }
                if (pending.size() < sent) {
                    failed = 0;
                }
                // A server that takes no large body may break off instead of answering 413.
                boolean isBroken = e.status() == 0 && failed >= FAILURES_BEFORE_SPLIT;
                if (pending.size() > 1 && (isRefusal || isBroken)) {
                    send(pending.subList(0, pending.size() / 2));
                    send(pending.subList(pending.size() / 2, pending.size()));
                    return;
                }
            }
        }
    }

    private DicomJson post(List<LocalInstance> instances) {
        String boundary = MultipartDelimiters.newBoundary();
        List<BodyPublisher> body = new ArrayList<>();
        long bytes = 0;
        for (LocalInstance instance : instances) {
            body.add(BodyPublishers.ofByteArray(
                    MultipartDelimiters.opening(boundary, Map.of("Content-Type", "application/dicom"))));
            body.add(content(instance));
            bytes += instance.bytes();
        }
        body.add(BodyPublishers.ofByteArray(MultipartDelimiters.closing(boundary)));
        Transport.Response response = transport.post(
                "/studies",
                "multipart/related; type=\"application/dicom\"; boundary=" + boundary,
                BodyPublishers.concat(body.toArray(BodyPublisher[]::new)),
                "application/dicom+json",
                transport.settings().responseTimeout().plusSeconds(bytes / MIN_BYTES_PER_SECOND),
                instances.size() == 1 ? "an instance" : instances.size() + " instances");
        return DicomJson.object(transport.text(response));
    }

    private static BodyPublisher content(LocalInstance instance) {
        try {
            return BodyPublishers.ofFile(instance.file());
        } catch (FileNotFoundException e) {
            throw new PreceptorException(instance.file() + ": is no longer there", e);
        }
    }

    /** Books what a response says about each instance; about what it is silent, the PACS is asked. */
    private void settle(List<LocalInstance> pending, DicomJson response) {
        Set<String> taken = new HashSet<>();
        int changed = 0;
        for (DicomJson item : response.items(Tag.STORED_INSTANCES)) {
            item.text(Tag.REFERENCED_SOP_INSTANCE).ifPresent(taken::add);
            changed += item.count(Tag.WARNING_REASON).isPresent() ? 1 : 0;
        }
        if (changed > 0) {
            listener.onWarning(transport.settings().root() + ": the PACS has taken " + changed
                    + " instances with a warning: it may have changed some of their attributes");
        }
        Map<String, String> reasons = new LinkedHashMap<>();
        for (DicomJson item : response.items(Tag.FAILED_INSTANCES)) {
            item.text(Tag.REFERENCED_SOP_INSTANCE)
                    .ifPresent(uid -> reasons.put(uid, FailureReason.of(item.count(Tag.FAILURE_REASON))));
        }
        pending.removeIf(instance -> {
            String reason = reasons.get(instance.uid());
            if (reason != null) {
                refuse(instance, reason);
            } else if (taken.contains(instance.uid())) {
                stored++;
            }
            return reason != null || taken.contains(instance.uid());
        });
        if (!pending.isEmpty()) {
            removeArrived(pending);
            pending.forEach(instance -> refuse(instance, "its response does not mention it, and it does not list it"));
        }
        report();
    }

    /** Removes what is in the PACS, once its response no longer changes: it may still be busy with what was sent. */
    private void removeArrived(List<LocalInstance> pending) {
        Set<String> arrived = present(pending);
        Set<String> before;
        Duration longest = transport.settings().retry().longest();
        Duration settling = longest.compareTo(SETTLING) < 0 ? longest : SETTLING;
        do {
            before = arrived;
            transport.sleep(settling);
            arrived = present(pending);
        } while (!arrived.equals(before) && arrived.size() < pending.size());
        Set<String> there = arrived;
        pending.removeIf(instance -> there.contains(instance.uid()));
        stored += there.size();
        report();
    }

    /** Those of the given instances that the PACS lists. */
    private Set<String> present(Collection<LocalInstance> instances) {
        Set<String> wanted = new HashSet<>();
        Map<String, LocalInstance> series = new LinkedHashMap<>();
        for (LocalInstance instance : instances) {
            wanted.add(instance.uid());
            series.putIfAbsent(instance.study() + "/" + instance.series(), instance);
        }
        Set<String> present = new LinkedHashSet<>();
        for (LocalInstance one : series.values()) {
            for (PacsInstance found : client.instances(one.study(), one.series(), listener)) {
                if (wanted.contains(found.uid())) {
                    present.add(found.uid());
                }
            }
        }
        return present;
    }

    private void refuse(LocalInstance instance, String reason) {
        refused.add(new StoreReport.Refusal(instance.file(), reason));
    }

    private void report() {
        listener.onInstance(stored + alreadyStored + refused.size(), total);
    }

    private PreceptorException incomplete(DicomWebException e) {
        int there = stored + alreadyStored;
        return there == 0
                ? e
                : new PreceptorException(
                        e.getMessage() + "; " + there + " of " + total
                                + " instances are in the PACS, and the same command sends the rest",
                        e);
    }
}
