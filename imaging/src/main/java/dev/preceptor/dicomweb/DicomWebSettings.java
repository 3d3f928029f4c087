package dev.preceptor.dicomweb;

import dev.preceptor.base.PreceptorException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a PACS is reached.
 *
 * @param root the address of its DICOMweb service, without a slash at the end
 * @param credentials the login
 * @param authorities a PEM file with the certificates that are trusted instead of those of the JDK
 * @param connectTimeout longest time to connect, above 0
 * @param responseTimeout longest time until a response begins, and longest pause within one; above 0
 * @param retry how often a failed request is repeated
 */
public record DicomWebSettings(
        URI root,
        Credentials credentials,
        Optional<Path> authorities,
        Duration connectTimeout,
        Duration responseTimeout,
        Retry retry) {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);

    /** @throws IllegalArgumentException if a duration is 0 or negative */
    public DicomWebSettings {
        if (connectTimeout.isNegative()
                || connectTimeout.isZero()
                || responseTimeout.isNegative()
                || responseTimeout.isZero()) {
            throw new IllegalArgumentException("the time limits are positive");
        }
    }

    /**
     * A PACS without login, with 10 s to connect and 60 s to answer.
     *
     * @param address such as {@code https://host:8042/dicom-web}
     * @throws PreceptorException if it is not an address of http or https, or contains a login
     */
    public static DicomWebSettings of(String address) {
        return new DicomWebSettings(
                DicomWebAddress.root(address), Credentials.NONE, Optional.empty(), CONNECT, ANSWER, Retry.DEFAULTS);
    }

    /** These settings with a login. */
    public DicomWebSettings withCredentials(Credentials login) {
        return new DicomWebSettings(root, login, authorities, connectTimeout, responseTimeout, retry);
    }

    /**
     * These settings with other trusted certificates than those of the JDK.
     *
     * @param certificates a PEM file
     */
    public DicomWebSettings withAuthorities(Path certificates) {
        return new DicomWebSettings(
                root, credentials, Optional.of(certificates), connectTimeout, responseTimeout, retry);
    }

    /**
     * These settings with other time limits.
     *
     * @throws IllegalArgumentException if a duration is 0 or negative
     */
    public DicomWebSettings withTimeouts(Duration connect, Duration response) {
        return new DicomWebSettings(root, credentials, authorities, connect, response, retry);
    }

    /** These settings with another retry policy. */
    public DicomWebSettings withRetry(Retry other) {
        return new DicomWebSettings(root, credentials, authorities, connectTimeout, responseTimeout, other);
    }

    /** Whether the login would cross a network without encryption. */
    public boolean exposesLogin() {
        return credentials.authorization().isPresent()
                && "http".equalsIgnoreCase(root.getScheme())
                && !isLoopback(root.getHost());
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
