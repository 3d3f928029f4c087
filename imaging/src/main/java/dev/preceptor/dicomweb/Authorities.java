package dev.preceptor.dicomweb;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates that a TLS connection trusts. */
final class Authorities {
    private Authorities() {}

    /**
     * A context that trusts the certificates of a PEM or DER file and no others.
     *
     * @throws InvalidFileException if the file cannot be read or has no certificate
     */
    static SSLContext trustOnly(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + count++, certificate);
            }
            if (count == 0) {
                throw new InvalidFileException(file, "has no certificate; it must be a PEM file of X.509 certificates");
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + Reason.of(e), e);
        } catch (GeneralSecurityException e) {
            throw new InvalidFileException(file, "is not a PEM file of X.509 certificates", e);
        }
    }
}
