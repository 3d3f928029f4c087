package dev.preceptor.cli;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.viewer.LabelOverlay;
import dev.preceptor.viewer.ServedCopies;
import dev.preceptor.viewer.ViewServer;
import dev.preceptor.viewer.ViewedFiles;
import dev.preceptor.viewer.ViewedImage;
import dev.preceptor.viewer.WebBrowser;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code preceptor view}: shows an image and label maps in a browser. */
@Command(
        name = "view",
        description =
                "Look at an image with label maps in three planes and 3-D, in a browser on this machine. The second"
                        + " label map is compared with the first. Ends with Ctrl-C.",
        sortOptions = false)
final class ViewCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "IMAGE",
            description = "The image: a NIfTI file, or a DICOM series (a folder or a file).")
    private Path image;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "LABELS",
            description = "Label maps: NIfTI files or DICOM segmentations (.dcm).")
    private List<Path> labels = List.of();

    @Option(
            names = "--uncertainty",
            paramLabel = "FILE",
            description = "Uncertainty in bits, as predict --uncertainty writes it.")
    private Optional<Path> uncertainty;

    @Mixin
    private SchemaOption schema;

    @Option(
            names = "--series",
            paramLabel = "UID[:N]",
            description = "Which DICOM series, and which of its volumes, if there are several.")
    private Optional<String> series;

    @Option(names = "--port", paramLabel = "N", description = "Port on 127.0.0.1 (default: any that is free).")
    private Optional<Integer> port;

    @Option(names = "--no-browser", description = "Print the address without opening a browser.")
    private boolean isBrowserLeftOut;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ServedCopies copies = ServedCopies.create();
        ViewServer server;
        try {
            server = serve(copies);
        } catch (RuntimeException e) {
            copies.close();
            throw e;
        }
        Thread end = new Thread(
                () -> {
                    server.close();
                    copies.close();
                },
                "view-end");
        Runtime.getRuntime().addShutdownHook(end);
        spec.commandLine().getOut().println(server.url());
        spec.commandLine().getOut().flush();
        if (!isBrowserLeftOut && WebBrowser.open(server.launchUrl())) {
            spec.commandLine().getErr().println("opened in a browser; Ctrl-C ends");
        } else {
            spec.commandLine().getErr().println("open this address in a browser on this machine; Ctrl-C ends");
        }
        spec.commandLine().getErr().flush();
        server.await();
        return 0;
    }

    private ViewServer serve(ServedCopies copies) {
        ViewedImage shown = ViewedImage.open(image, series, copies);
        Grid grid = Nifti.readHeader(shown.file()).grid();
        Optional<LabelSpace> given = schema.schema();
        if (given.isPresent() && labels.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--schema and --labels say what label maps mean; name a label map after the image");
        }
        List<LabelOverlay> overlays = labels.stream()
                .map(file -> LabelOverlay.read(file, given, grid))
                .toList();
        given.ifPresent(space -> overlays.stream()
                .filter(overlay -> !overlay.labels().schema().agreesWith(space))
                .forEach(overlay -> warn(overlay.file() + ": declares the labels "
                        + overlay.labels().schema() + ", which are shown in place of the given ones")));
        ViewedFiles files = new ViewedFiles(shown, overlays, uncertainty);
        files.warnings().forEach(this::warn);
        return ViewServer.open(files, copies, port.orElse(0));
    }

    private void warn(String line) {
        spec.commandLine().getErr().println("preceptor: warning: " + line);
        spec.commandLine().getErr().flush();
    }
}
