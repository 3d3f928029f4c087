package dev.preceptor.cli;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.TemporaryFolder;
import dev.preceptor.dicomweb.DicomWebAddress;
import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.DicomWebSettings;
import dev.preceptor.dicomweb.PacsSeries;
import dev.preceptor.dicomweb.Query;
import dev.preceptor.dicomweb.TransferSyntaxChoice;
import dev.preceptor.spark.Place;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The images of a prediction: files of this computer, or of a PACS. The latter are fetched into a private temporary folder. They
 * are data of a patient, so that the folder is removed at {@link #close}, and also when a signal ends the command.
 */
sealed interface ImageInput extends AutoCloseable {
    /**
     * Checks what an option names, without a call to the PACS.
     *
     * @param text a path, or an address {@code dicomweb://...}
     * @param login of the PACS
     * @param needsPacs whether results are to be sent to the PACS
     * @param listener is warned if the login would cross a network in the clear
     * @throws PreceptorException if an address names no study, or the login is incomplete
     */
    static ImageInput of(String text, PacsLogin login, boolean needsPacs, DicomWebListener listener) {
        if (!DicomWebAddress.isAddress(text)) {
            login.requireAbsent(needsPacs, "--input is no address of one (dicomweb://...)");
            return new LocalInput(Place.path(text));
        }
        DicomWebAddress address = DicomWebAddress.parse(text);
        DicomWebSettings settings = login.settings(address.root().toString(), listener);
        return new PacsInput(address, new DicomWebClient(settings));
    }

    /**
     * The file or folder with the images, after fetching them.
     *
     * @throws PreceptorException if the PACS does not have them or cannot be reached, or if there is no space for them
     */
    Path path(DicomWebListener listener);

    /** The PACS that the images are from; empty if they are files of this computer. */
    Optional<DicomWebClient> pacs();

    @Override
    void close();

    /** Files of this computer. */
    record LocalInput(Path file) implements ImageInput {
        @Override
        public Path path(DicomWebListener listener) {
            return file;
        }

        @Override
        public Optional<DicomWebClient> pacs() {
            return Optional.empty();
        }

        @Override
        public void close() {
            // The files belong to the user.
        }
    }

    /** Series of a PACS. */
    final class PacsInput implements ImageInput {
        private final DicomWebAddress address;
        private final DicomWebClient client;
        private final TemporaryFolder fetched = TemporaryFolder.create(Optional.empty(), "preceptor-pacs-");

        private PacsInput(DicomWebAddress address, DicomWebClient client) {
            this.address = address;
            this.client = client;
        }

        @Override
        public Path path(DicomWebListener listener) {
            List<String> series = address.series().map(List::of).orElseGet(() -> imageSeries(listener));
            Path last = fetched.path();
            for (String uid : series) {
                last = client.fetch(address.study(), uid, fetched.path(), TransferSyntaxChoice.AS_STORED, listener)
                        .folder();
            }
            return series.size() == 1 ? last : fetched.path();
        }

        @Override
        public Optional<DicomWebClient> pacs() {
            return Optional.of(client);
        }

        /** The series of the study with images of magnetic resonance; earlier segmentations are not among them. */
        private List<String> imageSeries(DicomWebListener listener) {
            List<String> uids = client.series(address.study(), Query.ALL.where("Modality", "MR"), listener).stream()
                    .map(PacsSeries::uid)
                    .toList();
            if (uids.isEmpty()) {
                throw new PreceptorException(address.root() + ": the PACS knows no study " + address.study()
                        + " with series of modality MR");
            }
            return uids;
        }

        @Override
        public void close() {
            fetched.close();
        }
    }
}
