package dev.preceptor.cli;

import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.TransferSyntaxChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code preceptor pacs fetch}: writes series into folders. */
@Command(
        name = "fetch",
        description = {
            "Fetch a series or all series of a study. Each becomes a folder, which appears when it is complete.",
            "After an interruption the same command fetches only what is missing."
        },
        sortOptions = false)
final class PacsFetchCommand implements Callable<Integer> {
    @Mixin
    private PacsUrl pacs;

    @Mixin
    private PacsLogin login;

    @Option(names = "--study", required = true, paramLabel = "UID", description = "The study.")
    private String study;

    @Option(
            names = "--series",
            paramLabel = "UID[,UID...]",
            split = ",",
            description = "These series of the study (default: all).")
    private List<String> series = List.of();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The folder that receives a folder for each series, named by its UID, with a file for each"
                    + " instance.")
    private Path out;

    @Option(
            names = "--uncompressed",
            description =
                    "Let the PACS convert instances to explicit little endian, for readers without a decoder. A PACS"
                            + " that cannot convert sends them as stored.")
    private boolean uncompressed;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (ProgressBar bar = ProgressBar.on(spec.commandLine().getErr())) {
            DicomWebListener listener = new PacsProgress(bar, "fetching");
            DicomWebClient client = pacs.client(login, listener);
            for (String uid : series.isEmpty() ? client.seriesOf(study, listener) : series) {
                Path folder = client.fetch(study, uid, out, syntax(), listener).folder();
                spec.commandLine().getOut().println(folder);
                spec.commandLine().getOut().flush();
            }
        }
        return 0;
    }

    private TransferSyntaxChoice syntax() {
        return uncompressed ? TransferSyntaxChoice.UNCOMPRESSED : TransferSyntaxChoice.AS_STORED;
    }
}
