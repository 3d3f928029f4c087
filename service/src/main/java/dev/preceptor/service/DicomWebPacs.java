package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebException;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.LocalInstances;
import dev.preceptor.dicomweb.StoreReport;
import dev.preceptor.dicomweb.TransferSyntaxChoice;
import java.nio.file.Path;
import java.util.List;

/** A PACS that speaks DICOMweb. For any number of threads. */
public final class DicomWebPacs implements Pacs {
    private final DicomWebClient client;

    public DicomWebPacs(DicomWebClient client) {
        this.client = client;
    }

    @Override
    public void fetch(String study, String series, Path folder) {
        try {
            client.fetch(study, series, folder, TransferSyntaxChoice.AS_STORED, DicomWebListener.NONE);
        } catch (PreceptorException e) {
            throw failure(e);
        }
    }

    @Override
    public void store(Path file) {
        StoreReport report;
        try {
            report = client.store(LocalInstances.at(List.of(file)).instances(), DicomWebListener.NONE);
        } catch (PreceptorException e) {
            throw failure(e);
        }
        if (!report.refused().isEmpty()) {
            throw new PreceptorException("the PACS refuses the segmentation: "
                    + report.refused().get(0).reason());
        }
        if (report.stored() + report.alreadyStored() != 1) {
            throw new PreceptorException("the segmentation is no DICOM file");
        }
    }

    /**
     * A certificate, a name in the DNS, a login and a permission are put right by people, and then the same request succeeds; what else
     * the PACS refuses it refuses each time.
     */
    private static RuntimeException failure(PreceptorException e) {
        // A transfer that broke off in between names the failure as its cause.
        Throwable cause = e instanceof DicomWebException ? e : e.getCause();
        if (cause instanceof DicomWebException web
                && (web.isTransient() || web.status() / 100 != 4 || web.status() == 401 || web.status() == 403)) {
            return new UnavailableException(e.getMessage(), web.status() >= 500 && !web.isTransient(), e);
        }
        return e;
    }
}
