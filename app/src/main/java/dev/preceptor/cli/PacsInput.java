package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.dicomweb.DicomWebAddress;
import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.TransferSyntaxChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Images of a PACS in a private temporary folder. They are data of a patient, so that the folder is removed at {@link #close},
 * and also when a signal ends the command.
 */
final class PacsInput implements AutoCloseable {
    private final Path folder;
    private final Thread remover;

    private PacsInput(Path folder) {
        this.folder = folder;
        remover = new Thread(() -> AtomicFiles.deleteFolder(folder), "remove fetched images");
        Runtime.getRuntime().addShutdownHook(remover);
    }

    /**
     * Fetches the series of an address.
     *
     * @throws PreceptorException if the PACS does not have it or cannot be reached, or if there is no space for it
     */
    static PacsInput fetch(DicomWebAddress address, DicomWebClient client, DicomWebListener listener) {
        // The temporary folder of the JDK can be read by its owner only.
        PacsInput input = new PacsInput(temporary());
        try {
            List<String> series =
                    address.series().map(List::of).orElseGet(() -> client.seriesOf(address.study(), listener));
            for (String uid : series) {
                client.fetch(address.study(), uid, input.folder, TransferSyntaxChoice.AS_STORED, listener);
            }
            return input;
        } catch (RuntimeException e) {
            input.close();
            throw e;
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("preceptor-pacs-");
        } catch (IOException e) {
            throw new PreceptorException("no temporary folder can be created: " + Reason.of(e), e);
        }
    }

    /** The folder, with a folder of DICOM files for each series. */
    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        AtomicFiles.deleteFolder(folder);
        try {
            Runtime.getRuntime().removeShutdownHook(remover);
        } catch (IllegalStateException e) {
            // The JVM is shutting down, and the hook finds nothing to remove.
            return;
        }
    }
}
