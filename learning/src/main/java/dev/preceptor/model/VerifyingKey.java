package dev.preceptor.model;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Sha256;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * A public Ed25519 key (RFC 8032), with which signatures of models are checked. On disk it is X.509 SubjectPublicKeyInfo in PEM, as
 * {@code openssl pkey -pubout} writes it.
 */
public final class VerifyingKey {
    static final String ALGORITHM = "Ed25519";

    private static final String PUBLIC = "PUBLIC KEY";

    private final PublicKey key;

    VerifyingKey(PublicKey key) {
        this.key = key;
    }

    /**
     * Reads a public key.
     *
     * @throws InvalidFileException if the file is not an Ed25519 key in X.509 and PEM
     */
    public static VerifyingKey read(Path file) {
        try {
            return new VerifyingKey(factory().generatePublic(new X509EncodedKeySpec(Pem.read(file, PUBLIC))));
        } catch (GeneralSecurityException e) {
            throw new InvalidFileException(file, "is not a public Ed25519 key", e);
        }
    }

    static KeyFactory factory() throws GeneralSecurityException {
        return KeyFactory.getInstance(ALGORITHM);
    }

    void write(Path file) {
        AtomicFiles.writeString(file, Pem.encode(PUBLIC, key.getEncoded()));
    }

    /** The SHA-256 of the key's X.509 bytes, 64 hexadecimal digits, by which people compare keys. */
    public String id() {
        return HexFormat.of().formatHex(Sha256.digest().digest(key.getEncoded()));
    }

    /** Whether a signature is that of a message by the private key. */
    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature check = Signature.getInstance(ALGORITHM);
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            // Java throws for a signature of another length or with values out of range, which is no signature of this
            // key.
            return false;
        }
    }
}
