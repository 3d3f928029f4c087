package dev.preceptor.cli;

import dev.preceptor.dicomweb.DicomWebClient;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code preceptor pacs store}: sends files to a PACS. */
@Command(
        name = "store",
        description = {
            "Send DICOM files to a PACS. What it has already is not sent again, so that the same command continues after an"
                    + " interruption.",
            "Exits with 1 if the PACS refuses an instance, and names each."
        },
        sortOptions = false)
final class PacsStoreCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE|DIR",
            arity = "1..*",
            description = "DICOM files, and folders of which every DICOM file is sent.")
    private List<Path> inputs;

    @Mixin
    private PacsUrl pacs;

    @Mixin
    private PacsLogin login;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PacsUpload upload;
        try (ProgressBar bar = ProgressBar.on(spec.commandLine().getErr())) {
            DicomWebClient client = pacs.client(login, new PacsProgress(bar, "storing"));
            upload = PacsUpload.send(client, inputs, bar);
        }
        upload.print(spec.commandLine().getOut());
        return 0;
    }
}
