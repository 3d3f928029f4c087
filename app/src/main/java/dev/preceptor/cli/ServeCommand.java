package dev.preceptor.cli;

import dev.preceptor.base.TextFile;
import dev.preceptor.http.ServerLimits;
import dev.preceptor.http.ServerSettings;
import dev.preceptor.http.Tokens;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.model.VerifyingKey;
import dev.preceptor.quality.Guard;
import dev.preceptor.service.Pacs;
import dev.preceptor.service.SegmentationService;
import dev.preceptor.service.ServedModel;
import dev.preceptor.service.ServiceSettings;
import dev.preceptor.service.UploadLimits;
import dev.preceptor.tensor.Torch;
import dev.preceptor.viewer.ViewerPage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor serve}: segments what is uploaded or sent, until a signal ends it. */
@Command(
        name = "serve",
        description =
                "Segment images that are uploaded, sent by DICOMweb or fetched from a PACS, and show the results in a"
                        + " browser.",
        sortOptions = false)
final class ServeCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 8080;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE[,FILE...]",
            description =
                    "A model file. Several are served side by side, each with a worker of its own; the first is the"
                            + " one that requests without a model get.")
    private List<String> models;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "preceptor-service",
            description = "Where jobs, results and the audit log are kept (default ${DEFAULT-VALUE}).")
    private Path data;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "127.0.0.1",
            description =
                    "The interface to listen on (default ${DEFAULT-VALUE}). Others than loopback need --token-file.")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to listen on, 0 for any that is free (default: 8080).")
    private int port = DEFAULT_PORT;

    @Option(
            names = "--host-name",
            paramLabel = "NAME",
            split = ",",
            description =
                    "A name under which callers reach the service, besides --host and localhost. Requests for other"
                            + " names are refused.")
    private List<String> hostNames = List.of();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Tokens that callers must send: a line NAME TOKEN for each, the token with at least 16"
                    + " characters.")
    private Optional<Path> tokenFile;

    @Option(
            names = "--keystore",
            paramLabel = "FILE.p12",
            description = "Key and certificates of TLS, as PKCS 12 (default: no TLS).")
    private Optional<Path> keyStore;

    @Option(
            names = "--keystore-password-file",
            paramLabel = "FILE",
            description = "A file with the password of the key store in its first line.")
    private Optional<Path> keyStorePassword;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "32",
            description = "Most jobs that wait; more are answered with 503 (default ${DEFAULT-VALUE}).")
    private int queue;

    @Option(
            names = "--rest",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long no instance of a series has come, before its job starts (default ${DEFAULT-VALUE}).")
    private int rest;

    @Option(
            names = "--keep-hours",
            paramLabel = "N",
            description = "Delete a job with its images and results so long after its end (default: keep all).")
    private Optional<Integer> keepHours;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long a signal waits for the jobs that run (default ${DEFAULT-VALUE}). Jobs that wait run"
                    + " after the next start.")
    private int grace;

    @Option(
            names = "--upload-mib",
            paramLabel = "N",
            defaultValue = "4096",
            description = "Largest upload in MiB (default ${DEFAULT-VALUE}).")
    private int uploadMib;

    @Option(
            names = "--accept",
            paramLabel = "GUARD[,GUARD...]",
            description = "Segment images although these guards of the model refuse them, for example wrong-sequence.")
    private List<String> accept = List.of();

    @Option(
            names = "--trusted-key",
            paramLabel = "PUBLIC.pem",
            split = ",",
            description = "Refuse a model that none of these public keys has signed (preceptor sign).")
    private List<Path> trustedKeys = List.of();

    @Mixin
    private ServedPacs archive;

    @Mixin
    private ComputeOptions compute;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        require();
        ServerSettings http = new ServerSettings(
                host,
                port,
                tokenFile.map(Tokens::read).orElse(Tokens.NONE),
                Set.copyOf(hostNames),
                keyStore.map(this::keyStore),
                ServerLimits.DEFAULTS);
        ServiceSettings settings = new ServiceSettings(
                data,
                queue,
                Duration.ofSeconds(rest),
                keepHours.map(Duration::ofHours),
                Duration.ofSeconds(grace),
                UploadLimits.DEFAULTS.withBytes((long) uploadMib << 20));
        Set<Guard> accepted = GuardLabels.parse(spec, accept);
        List<VerifyingKey> trusted =
                trustedKeys.stream().map(VerifyingKey::read).toList();
        Torch.useThreads(compute.threads());
        PredictionOptions options =
                PredictionOptions.DEFAULTS.withDevice(compute.device()).withAccepted(accepted);
        Optional<Pacs> pacs = archive.pacs();
        List<ServedModel> loaded = new ArrayList<>();
        try {
            ModelPaths.of(models).forEach(file -> loaded.add(ServedModel.load(file, trusted, options)));
            serve(loaded, settings, pacs, http);
        } finally {
            loaded.forEach(ServedModel::close);
        }
        return 0;
    }

    private void require() {
        if (keyStore.isPresent() && keyStorePassword.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--keystore needs --keystore-password-file");
        }
        if (keyStorePassword.isPresent() && keyStore.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--keystore-password-file needs --keystore, without which the service does not encrypt");
        }
        requireAtLeast(1, "--upload-mib", uploadMib);
        requireAtLeast(1, "--queue", queue);
        requireAtLeast(0, "--rest", rest);
        requireAtLeast(0, "--grace", grace);
        keepHours.ifPresent(hours -> requireAtLeast(0, "--keep-hours", hours));
    }

    private void requireAtLeast(int least, String option, int value) {
        if (value < least) {
            throw new ParameterException(spec.commandLine(), option + " is at least " + least + ", not " + value);
        }
    }

    private ServerSettings.KeyStoreFile keyStore(Path file) {
        String password = TextFile.read(keyStorePassword.orElseThrow(), 1 << 10)
                .lines()
                .findFirst()
                .orElse("");
        return new ServerSettings.KeyStoreFile(file, password);
    }

    private void serve(List<ServedModel> loaded, ServiceSettings settings, Optional<Pacs> pacs, ServerSettings http) {
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch signal = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> end(signal, ended, settings.grace()), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try (SegmentationService service = new SegmentationService(loaded, settings, pacs, http, ViewerPage.routes())) {
            loaded.forEach(model -> out.println("model " + model.name()));
            out.println("serving " + service.url());
            out.flush();
            signal.await();
            out.println("ending; jobs that run are finished first");
            out.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    /** Runs in the JVM's shutdown, which waits for it. */
    private static void end(CountDownLatch signal, CountDownLatch ended, Duration grace) {
        signal.countDown();
        try {
            ended.await(grace.toSeconds() + 60, java.util.concurrent.TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
