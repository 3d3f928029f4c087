package dev.preceptor.service;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebSettings;
import dev.preceptor.dicomweb.GoldenInstances;
import dev.preceptor.dicomweb.Retry;
import dev.preceptor.dicomweb.ScriptedPacs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DicomWebPacsTest {
    @TempDir
    private Path folder;

    private final ScriptedPacs server = ScriptedPacs.start();
    private final Path file = GoldenInstances.paths().get(0);

    @AfterEach
    void close() {
        server.close();
    }

    private static DicomWebPacs pacs(String address) {
        return new DicomWebPacs(
                new DicomWebClient(DicomWebSettings.of(address).withRetry(new Retry(1, Duration.ZERO, Duration.ZERO))));
    }

    private void assertUnavailable(String address) {
        assertThrows(Pacs.UnavailableException.class, () -> pacs(address).store(file));
        assertThrows(
                Pacs.UnavailableException.class,
                () -> pacs(address).fetch(GoldenInstances.STUDY, GoldenInstances.SERIES, folder));
    }

    @Test
    void hostThatIsUnknownMayBeThereLater() {
        assertUnavailable("http://nobody.invalid/dicom-web");
    }

    @Test
    void connectionThatIsNotTrustedMayBeLater() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread answers = new Thread(() -> answerWithoutTls(plain));
            answers.start();
            assertUnavailable("https://127.0.0.1:" + plain.getLocalPort() + "/dicom-web");
            plain.close();
            answers.join();
        }
    }

    private static void answerWithoutTls(ServerSocket plain) {
        while (!plain.isClosed()) {
            try (Socket socket = plain.accept()) {
                socket.getOutputStream().write("no TLS here\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                socket.getInputStream().read(new byte[1 << 16]);
            } catch (IOException e) {
                // The client, or the end of the test, closes the connection.
                continue;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 503})
    void loginThatIsRefusedAndAPacsThatIsBusyMayBeTriedAgain(int status) {
        server.next("STOW", ScriptedPacs.status(status));
        assertThrows(Pacs.UnavailableException.class, () -> pacs(server.url()).store(file));
        server.next("QIDO", ScriptedPacs.status(status));
        assertThrows(
                Pacs.UnavailableException.class,
                () -> pacs(server.url()).fetch(GoldenInstances.STUDY, GoldenInstances.SERIES, folder));
    }

    @Test
    void seriesThatBreaksOffMayBeContinued() {
        GoldenInstances.series().forEach(server::hold);
        server.next("SERIES", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "multipart/related; boundary=one");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody()
                    .write("--one\r\nContent-Type: application/dicom\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            Files.copy(file, exchange.getResponseBody());
            exchange.getResponseBody().write("\r\n--one--\r\n".getBytes(StandardCharsets.UTF_8));
        });
        server.next("INSTANCE", ScriptedPacs.status(503));
        assertThrows(
                Pacs.UnavailableException.class,
                () -> pacs(server.url()).fetch(GoldenInstances.STUDY, GoldenInstances.SERIES, folder));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 415})
    void refusalOfTheInstanceIsFinal(int status) {
        server.next("STOW", ScriptedPacs.status(status));
        RuntimeException refused =
                assertThrows(RuntimeException.class, () -> pacs(server.url()).store(file));
        assertFalse(refused instanceof Pacs.UnavailableException, refused.toString());
        assertInstanceOf(dev.preceptor.base.PreceptorException.class, refused);
    }
}
