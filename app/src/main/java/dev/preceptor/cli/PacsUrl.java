package dev.preceptor.cli;

import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebListener;
import picocli.CommandLine.Option;

/** The PACS that a command of {@code preceptor pacs} calls. */
final class PacsUrl {
    @Option(
            names = "--url",
            required = true,
            paramLabel = "URL",
            description = "The DICOMweb service, for example https://pacs:8042/dicom-web.")
    private String url;

    /** A client with a login; see {@link PacsLogin#settings}. */
    DicomWebClient client(PacsLogin login, DicomWebListener listener) {
        return new DicomWebClient(login.settings(url, listener));
    }
}
