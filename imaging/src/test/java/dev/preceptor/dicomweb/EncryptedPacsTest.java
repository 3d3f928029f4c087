package dev.preceptor.dicomweb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS with a certificate that the JDK does not know. */
@Tag("integration")
class EncryptedPacsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path folder;

    private Path certificate;

    private SSLContext identity() throws IOException, GeneralSecurityException, InterruptedException {
        Path keys = folder.resolve("keys.p12");
        certificate = folder.resolve("ca.pem");
        keytool(
                "-genkeypair",
                "-alias",
                "pacs",
                "-keyalg",
                "EC",
                "-dname",
                "CN=pacs",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                keys.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "pacs",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD,
                "-file",
                certificate.toString());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals(0, process.waitFor(), List.of(arguments).toString());
    }

    @Test
    void aCertificateIsTrustedIfItsFileIsGivenAndOnlyForItsHost() throws Exception {
        try (ScriptedPacs pacs = ScriptedPacs.startEncrypted(identity())) {
            String url = pacs.url().replace("http:", "https:");
            DicomWebSettings settings = DicomWebSettings.of(url);
            DicomWebException unknown = assertThrows(
                    DicomWebException.class,
                    () -> new DicomWebClient(settings).studies(Query.ALL, DicomWebListener.NONE));
            assertTrue(
                    unknown.getMessage().contains("--ca FILE (serve: --pacs-ca) names the certificate"),
                    unknown.getMessage());
            assertEquals(
                    List.of(),
                    new DicomWebClient(settings.withAuthorities(certificate))
                            .studies(Query.ALL, DicomWebListener.NONE));
            DicomWebSettings otherName = DicomWebSettings.of(url.replace("127.0.0.1", "localhost"));
            assertThrows(
                    DicomWebException.class,
                    () -> new DicomWebClient(otherName.withAuthorities(certificate))
                            .studies(Query.ALL, DicomWebListener.NONE));
        }
    }

    @Test
    void aFileWithoutCertificateIsRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        Path text = Files.writeString(folder.resolve("text.pem"), "-----BEGIN CERTIFICATE-----\nnonsense\n");
        for (Path file : List.of(empty, text, folder.resolve("absent.pem"))) {
            DicomWebSettings settings = DicomWebSettings.of("https://127.0.0.1").withAuthorities(file);
            assertThrows(InvalidFileException.class, () -> new DicomWebClient(settings), file.toString());
        }
    }
}
