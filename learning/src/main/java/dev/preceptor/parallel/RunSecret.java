package dev.preceptor.parallel;

import dev.preceptor.base.PreceptorException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The shared secret by which the ranks of a training authenticate each other. It is never sent or printed. */
public final class RunSecret {
    /** The length in bytes of a signature. */
    static final int SIGNATURE_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int MIN_CHARACTERS = 16;
    private static final int RANDOM_BYTES = 32;

    private final byte[] key;

    private RunSecret(byte[] key) {
        this.key = key;
    }

    /**
     * A secret from its text.
     *
     * @throws PreceptorException if it has fewer than 16 characters
     */
    public static RunSecret of(String text) {
        if (text.length() < MIN_CHARACTERS) {
            throw new PreceptorException("PRECEPTOR_SECRET has " + text.length() + " characters, at least "
                    + MIN_CHARACTERS + " are needed; create one with: openssl rand -hex 32");
        }
        return new RunSecret(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The text of a new secret: 256 random bits in hexadecimal digits. */
    static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** HMAC-SHA256 of the purpose and the parts under this secret. The parts must have fixed lengths. */
    byte[] sign(String purpose, byte[]... parts) {
        Mac mac = mac(key);
        mac.update(purpose.getBytes(StandardCharsets.US_ASCII));
        mac.update((byte) 0);
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    /** An HMAC-SHA256 with a key. */
    static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RunSecret secret && MessageDigest.isEqual(key, secret.key);
    }

    @Override
    public int hashCode() {
        return RunSecret.class.hashCode();
    }

    @Override
    public String toString() {
        return "RunSecret";
    }
}
