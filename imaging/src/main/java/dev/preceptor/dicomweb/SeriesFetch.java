package dev.preceptor.dicomweb;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Fetches the instances of one series into files (WADO-RS). The series is asked for as a whole, and after a failure instance by
 * instance, so that nothing is transferred again for long; what has arrived stays. Each file is written completely or not at
 * all, and the folder takes its name when the last one is there. Used once.
 */
final class SeriesFetch {
    private final Transport transport;
    private final DicomWebListener listener;
    private final String path;
    private final String uid;
    private final Path folder;
    private final Path target;
    private final Set<String> missing;
    private final int total;
    private TransferSyntaxChoice syntax;
    private boolean hasChanged;

    /**
     * @param instances what the PACS says the series consists of, at least one
     * @param parent receives a folder named by the series
     */
    SeriesFetch(
            Transport transport,
            List<PacsInstance> instances,
            Path parent,
            TransferSyntaxChoice syntax,
            DicomWebListener listener) {
        this.transport = transport;
        this.listener = listener;
        this.syntax = syntax;
        uid = instances.get(0).series();
        path = "/studies/" + instances.get(0).study() + "/series/" + uid;
        folder = parent.resolve(uid);
        target = Files.exists(folder) ? folder : parent.resolve("." + uid + ".partial");
        missing = new LinkedHashSet<>();
        instances.forEach(instance -> missing.add(instance.uid()));
        total = missing.size();
    }

    FetchedSeries run() {
        AtomicFiles.createFolder(target);
        AtomicFiles.sweep(target);
        missing.removeIf(this::isThere);
        int kept = total - missing.size();
        if (kept > 0) {
            listener.onInstance(kept, total);
        }
        int failed = 0;
        while (!missing.isEmpty()) {
            int before = missing.size();
            try {
                round();
                failed = 0;
            } catch (DicomWebException e) {
                failed = missing.size() < before ? 1 : failed + 1;
                if (!e.isTransient() || failed >= transport.settings().retry().attempts()) {
                    throw incomplete(e);
                }
                transport.pause(listener, failed, e);
            }
        }
        complete();
        return new FetchedSeries(uid, folder, total, kept);
    }

    /** Asks for the whole series if most of it is missing, then for what is still missing. */
    private void round() {
        if (missing.size() > 1 && missing.size() * 2 > total) {
            receive(path, "series " + uid);
        }
        for (String instance : List.copyOf(missing)) {
            receive(path + "/instances/" + instance, "instance " + instance);
            if (missing.contains(instance)) {
                throw DicomWebException.withoutResponse(
                        transport.settings().root() + ": the response for instance " + instance
                                + " does not contain it",
                        false,
                        null);
            }
        }
    }

    private void receive(String from, String subject) {
        try (Transport.Response response = ask(from, subject)) {
            MultipartReader reader =
                    MultipartReader.of(response.body(), response.contentType(), MultipartLimits.SERIES);
            for (Optional<MultipartReader.Part> part = reader.next(); part.isPresent(); part = reader.next()) {
                keep(part.get().content());
            }
        } catch (IOException e) {
            throw transport.failure(e);
        }
    }

    /** Asks in one form and, if the PACS cannot send it, in the other. */
    private Transport.Response ask(String from, String subject) {
        try {
            return transport.get(from, syntax.accept(), subject);
        } catch (DicomWebException e) {
            if (hasChanged || !List.of(400, 406, 415, 500, 501).contains(e.status())) {
                throw e;
            }
            hasChanged = true;
            listener.onWarning(e.getMessage() + " when asked for it "
                    + (syntax == TransferSyntaxChoice.AS_STORED ? "as stored" : "without compression")
                    + "; asking for it "
                    + (syntax == TransferSyntaxChoice.AS_STORED ? "without compression" : "as stored"));
            syntax = syntax.other();
            return transport.get(from, syntax.accept(), subject);
        }
    }

    private void keep(InputStream content) throws IOException {
        byte[] head = content.readNBytes(FileMeta.HEAD_BYTES);
        Optional<String> instance = FileMeta.sopInstance(head).filter(missing::contains);
        if (instance.isEmpty()) {
            // Arrived before, or not in the list: another instance of the PACS that nobody asked for.
            return;
        }
        AtomicFiles.writeSwept(file(instance.get()), out -> {
            out.write(head);
            copy(content, out);
        });
        missing.remove(instance.get());
        listener.onInstance(total - missing.size(), total);
    }

    /** Tells what cannot be read, which may be asked for again, from what cannot be written. */
    private void copy(InputStream content, OutputStream out) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int bytes = transport.read(content, buffer); bytes >= 0; bytes = transport.read(content, buffer)) {
            out.write(buffer, 0, bytes);
        }
    }

    private Path file(String instance) {
        return target.resolve(instance + ".dcm");
    }

    /** Whether a file of an earlier call is there: it was written completely, and still is the instance of its name. */
    private boolean isThere(String instance) {
        Path file = file(instance);
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return FileMeta.sopInstance(in.readNBytes(FileMeta.HEAD_BYTES)).equals(Optional.of(instance));
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be read: " + Reason.of(e), e);
        }
    }

    private void complete() {
        if (target.equals(folder)) {
            return;
        }
        try {
            Files.move(target, folder);
            AtomicFiles.syncFolder(folder.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot be created: " + Reason.of(e), e);
        }
    }

    private PreceptorException incomplete(DicomWebException e) {
        return missing.size() == total
                ? e
                : new PreceptorException(
                        e.getMessage() + "; " + (total - missing.size()) + " of " + total + " instances of series "
                                + uid + " have arrived in " + target + ", and the same command fetches the rest",
                        e);
    }
}
