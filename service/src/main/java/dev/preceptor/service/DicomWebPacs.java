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
        } catch (DicomWebException e) {
            throw refusal(e);
        }
    }

    @Override
    public void store(Path file) {
        StoreReport report;
        try {
            report = client.store(LocalInstances.at(List.of(file)).instances(), DicomWebListener.NONE);
        } catch (DicomWebException e) {
            throw refusal(e);
        }
        if (!report.refused().isEmpty()) {
            throw new PreceptorException("the PACS refuses the segmentation: "
                    + report.refused().get(0).reason());
        }
        if (report.stored() + report.alreadyThere() != 1) {
            throw new PreceptorException("the segmentation is no DICOM file");
        }
    }

    private static RuntimeException refusal(DicomWebException e) {
        return e.isTransient() ? new UnavailableException(e.getMessage(), e) : e;
    }
}
