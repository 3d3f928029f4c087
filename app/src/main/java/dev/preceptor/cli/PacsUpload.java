package dev.preceptor.cli;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.LocalInstances;
import dev.preceptor.dicomweb.StoreReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** Files sent to a PACS, with a line for each that it refuses. */
record PacsUpload(StoreReport report) {
    /**
     * Sends files and what is in folders.
     *
     * @param bar shows progress, files that are skipped, and refusals
     */
    static PacsUpload send(DicomWebClient client, List<Path> inputs, ProgressBar bar) {
        DicomWebListener listener = new PacsProgress(bar, "storing");
        LocalInstances instances = LocalInstances.at(inputs);
        instances.others().forEach(file -> listener.onWarning(file + ": is no DICOM file and is not sent"));
        StoreReport report = client.store(instances.instances(), listener);
        report.refused().forEach(refusal -> bar.line("preceptor: " + refusal));
        return new PacsUpload(report);
    }

    /** @throws PreceptorException if the PACS refused an instance; said after the numbers are printed */
    void print(PrintWriter out) {
        out.println(report.stored() + " stored, " + report.alreadyStored() + " were there, "
                + report.refused().size() + " refused");
        out.flush();
        if (!report.refused().isEmpty()) {
            throw new PreceptorException(
                    "the PACS refused " + report.refused().size() + " instances; the lines above say why");
        }
    }
}
