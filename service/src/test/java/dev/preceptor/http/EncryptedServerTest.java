package dev.preceptor.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class EncryptedServerTest {
    private static final String PASSWORD = "a-password";
    private static final String TOKEN = "0123456789abcdef";

    @TempDir
    private Path folder;

    private Path keyStore() throws Exception {
        Path file = folder.resolve("key.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, keytool.waitFor(), output);
        return file;
    }

    private static ServerSettings settings(Path file, String password) {
        return new ServerSettings(
                "127.0.0.1",
                0,
                new Tokens(Map.of("ward", TOKEN)),
                Set.of(),
                Optional.of(new ServerSettings.KeyStoreFile(file, password)),
                ServerLimits.DEFAULTS);
    }

    private static Router router() {
        return new Router(List.of(
                Route.get("/secret", exchange -> exchange.respond(200, "text/plain", "yes")),
                Route.post("/login", exchange -> {
                            exchange.login(TOKEN);
                            exchange.empty(204);
                        })
                        .withAccess(Route.Access.OPEN)));
    }

    @Test
    void keyStoreMakesTheServerSpeakTls() throws Exception {
        Path file = keyStore();
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            trusted.load(in, PASSWORD.toCharArray());
        }
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        authorities.setCertificateEntry("server", trusted.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        HttpClient client = HttpClient.newBuilder().sslContext(context).build();
        try (HttpServer server = new HttpServer(router(), settings(file, PASSWORD), (route, status, duration) -> {})) {
            assertTrue(server.url().startsWith("https://"));
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(server.url() + "/secret"))
                            .header("Authorization", "Bearer " + TOKEN)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals("yes", answer.body());
            HttpResponse<String> login = client.send(
                    HttpRequest.newBuilder(URI.create(server.url() + "/login"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertTrue(login.headers().firstValue("Set-Cookie").orElse("").contains("; Secure"));
            KeptConnections.close(client);
            assertFalse(RawHttp.send(server.port(), "GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .contains("200"));
        }
    }

    @Test
    void wrongPasswordOfTheKeyStoreIsOneLine() throws Exception {
        Path file = keyStore();
        PreceptorException refused = assertThrows(
                PreceptorException.class,
                () -> new HttpServer(router(), settings(file, "wrong"), (route, status, duration) -> {}));
        assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
        assertFalse(refused.getMessage().contains("wrong\""), refused.getMessage());
    }
}
