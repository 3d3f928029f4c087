package dev.preceptor.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PACS for tests: an Orthanc with its DICOMweb plug-in on a free port of the loopback interface, with an empty database in a
 * folder of the test. User and password are {@code test}. Tests are skipped where it is not installed (Debian: orthanc,
 * orthanc-dicomweb).
 */
public final class Orthanc implements AutoCloseable {
    /** The user, and the password. */
    public static final String USER = "test";

    private static final Duration LONGEST_START = Duration.ofSeconds(60);

    private final Path folder;
    private final Path program;
    private final int port;
    private Process process;

    private Orthanc(Path folder, Path program, int port) {
        this.folder = folder;
        this.program = program;
        this.port = port;
    }

    /**
     * Starts an empty Orthanc and waits until it answers; skips the calling test if there is none.
     *
     * @param folder receives configuration, database and log
     */
    public static Orthanc start(Path folder) {
        return start(folder, Ports.free());
    }

    /** The same on a given port. */
    public static Orthanc start(Path folder, int port) {
        Optional<Path> program = program();
        Optional<Path> plugin = plugin();
        assumeTrue(
                program.isPresent() && plugin.isPresent(),
                "no Orthanc with its DICOMweb plug-in is installed (apt-get install orthanc orthanc-dicomweb)");
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("orthanc.json"), configuration(folder, plugin.get(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Orthanc orthanc = new Orthanc(folder, program.get(), port);
        orthanc.restart();
        return orthanc;
    }

    private static Optional<Path> program() {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")).map(Path::of),
                        Stream.of(Path.of("/usr/sbin"), Path.of("/usr/local/sbin")))
                .map(bin -> bin.resolve("Orthanc"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<Path> plugin() {
        return Stream.of("/usr/share/orthanc/plugins", "/usr/lib/orthanc", "/usr/local/share/orthanc/plugins")
                .map(place -> Path.of(place, "libOrthancDicomWeb.so"))
                .filter(Files::exists)
                .findFirst();
    }

    private static String configuration(Path folder, Path plugin, int port) {
        Path database = folder.resolve("db").toAbsolutePath();
        return """
                {"Name": "PRECEPTOR-TEST", "StorageDirectory": "%s", "IndexDirectory": "%s", "Plugins": ["%s"],
                 "RemoteAccessAllowed": false, "AuthenticationEnabled": true, "RegisteredUsers": {"%s": "%s"},
                 "HttpPort": %d, "DicomServerEnabled": false, "OverwriteInstances": true,
                 "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}}
                """.formatted(database, database, plugin, USER, USER, port);
    }

    /** Starts it again with the same port and database. */
    public void restart() {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException("it runs already");
        }
        try {
            process = new ProcessBuilder(
                            program.toString(), folder.resolve("orthanc.json").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("orthanc.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long end = System.nanoTime() + LONGEST_START.toNanos();
        while (!answers()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                close();
                throw new AssertionError("Orthanc does not answer; see " + folder.resolve("orthanc.log"));
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private boolean answers() {
        try {
            return get("/system").statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** The answer to a GET of Orthanc's own interface, for example {@code /statistics}. */
    public HttpResponse<byte[]> get(String path, String... headers) {
        String login = Base64.getEncoder().encodeToString((USER + ":" + USER).getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Basic " + login);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .build()
                    .send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The identifiers by which Orthanc itself lists its instances. */
    public List<String> instances() {
        return Stream.of(new String(get("/instances").body(), StandardCharsets.UTF_8).split("\""))
                .filter(text -> text.matches("[0-9a-f-]{44}"))
                .toList();
    }

    /** The address of DICOMweb. */
    public String url() {
        return "http://127.0.0.1:" + port + "/dicom-web";
    }

    /** The port of HTTP. */
    public int port() {
        return port;
    }

    /** Ends it as {@code kill -9} does. */
    public void kill() {
        process.destroyForcibly();
        await();
    }

    /** Ends it in good order. */
    public void stop() {
        process.destroy();
        await();
    }

    private void await() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
