package dev.preceptor.model;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Set;

/**
 * A private Ed25519 key (RFC 8032), with which models are signed, and its public key. On disk it is PKCS #8 in PEM, as
 * {@code openssl genpkey -algorithm ed25519} writes it.
 */
public final class SigningKey {
    private static final String PRIVATE = "PRIVATE KEY";

    private final PrivateKey secret;
    private final VerifyingKey verifying;

    private SigningKey(PrivateKey secret, VerifyingKey verifying) {
        this.secret = secret;
        this.verifying = verifying;
    }

    /**
     * Creates a key and writes {@code NAME.pem}, which only its owner can read, and {@code NAME.pub.pem}. Neither replaces a file.
     *
     * @param name path without ending
     * @throws PreceptorException if one of the files exists or cannot be written
     */
    public static SigningKey create(Path name) {
        Path secretFile = name.resolveSibling(name.getFileName() + ".pem");
        Path publicFile = name.resolveSibling(name.getFileName() + ".pub.pem");
        for (Path file : new Path[] {secretFile, publicFile}) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new PreceptorException(file + ": exists, and a key is never replaced; give another name");
            }
        }
        try {
            KeyPair pair = KeyPairGenerator.getInstance(VerifyingKey.ALGORITHM).generateKeyPair();
            SigningKey key = new SigningKey(pair.getPrivate(), new VerifyingKey(pair.getPublic()));
            AtomicFiles.createFolder(secretFile.toAbsolutePath().getParent());
            writeSecret(secretFile, Pem.encode(PRIVATE, pair.getPrivate().getEncoded()));
            key.verifying.write(publicFile);
            return key;
        } catch (GeneralSecurityException e) {
            throw new PreceptorException("this Java has no Ed25519; use a Java of OpenJDK, version 17 or newer", e);
        }
    }

    /** Creates the file with its permissions, so that nobody else can open it before they are set. */
    private static void writeSecret(Path file, String text) {
        boolean isPosix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = isPosix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try (FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            throw new PreceptorException(file + ": exists, and a key is never replaced; give another name", e);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be written: " + AtomicFiles.reason(e), e);
        }
    }

    /**
     * Reads a private key.
     *
     * @throws InvalidFileException if the file is not an Ed25519 key in PKCS #8 and PEM without a passphrase
     */
    public static SigningKey read(Path file) {
        try {
            PrivateKey secret =
                    VerifyingKey.factory().generatePrivate(new PKCS8EncodedKeySpec(Pem.read(file, PRIVATE)));
            return new SigningKey(secret, publicKeyOf(file, secret));
        } catch (GeneralSecurityException e) {
            throw new InvalidFileException(
                    file, "is not a private Ed25519 key; make one with preceptor sign --create-key NAME", e);
        }
    }

    /**
     * The public key. Java has no method for it, but its generator takes the random bytes as the private key; that the result
     * belongs to the key is checked.
     */
    private static VerifyingKey publicKeyOf(Path file, PrivateKey secret) throws GeneralSecurityException {
        byte[] seed = ((EdECPrivateKey) secret)
                .getBytes()
                .orElseThrow(() -> new InvalidFileException(file, "is a key whose bytes are not accessible"));
        KeyPairGenerator generator = KeyPairGenerator.getInstance(VerifyingKey.ALGORITHM);
        generator.initialize(NamedParameterSpec.ED25519, new GivenBytes(seed));
        VerifyingKey verifying = new VerifyingKey(generator.generateKeyPair().getPublic());
        byte[] probe = {1, 2, 3};
        if (!verifying.verifies(probe, sign(secret, probe))) {
            throw new InvalidFileException(
                    file,
                    "has a public key that this Java does not compute; use a Java of OpenJDK, version 17 or newer");
        }
        return verifying;
    }

    /** Yields given bytes in place of random ones. */
    private static final class GivenBytes extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient byte[] given;

        GivenBytes(byte[] given) {
            this.given = given;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(given, 0, bytes, 0, Math.min(given.length, bytes.length));
            Arrays.fill(bytes, Math.min(given.length, bytes.length), bytes.length, (byte) 0);
        }
    }

    /** The public key. */
    public VerifyingKey verifyingKey() {
        return verifying;
    }

    /** The signature of a message, 64 bytes. */
    byte[] sign(byte[] message) {
        try {
            return sign(secret, message);
        } catch (GeneralSecurityException e) {
            throw new PreceptorException("the key cannot sign: " + e.getMessage(), e);
        }
    }

    private static byte[] sign(PrivateKey secret, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(VerifyingKey.ALGORITHM);
        signature.initSign(secret);
        signature.update(message);
        return signature.sign();
    }
}
