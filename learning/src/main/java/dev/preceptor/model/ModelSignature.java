package dev.preceptor.model;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.RegularFile;
import dev.preceptor.base.Sha256;
import dev.preceptor.base.TextFile;
import dev.preceptor.tensor.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The signature of a model file, stored beside it as {@code FILE.sig}: who vouches for exactly these bytes. The format is in
 * {@code docs/reference/file-formats.md}.
 *
 * @param keyId {@link VerifyingKey#id()} of the key that signed
 * @param sha256 SHA-256 of the bytes of the model file, 64 hexadecimal digits
 * @param signature the Ed25519 signature of the lines before it, 64 bytes in Base64
 */
public record ModelSignature(String keyId, String sha256, String signature) {
    private static final String TITLE = "preceptor-signature/1";
    private static final int MAX_BYTES = 4096;
    /** The largest array of Java. */
    private static final int MAX_MODEL = Integer.MAX_VALUE - 8;

    private static final Pattern TEXT = Pattern.compile(TITLE
            + "\nalgorithm: " + VerifyingKey.ALGORITHM
            + "\nkey: ([0-9a-f]{64})\nsha256: ([0-9a-f]{64})\nsignature: ([A-Za-z0-9+/]{86}==)\n");

    /**
     * Signs a model file.
     *
     * @param model at most 2 GiB
     * @throws InvalidFileException if it is not a valid model: a signature must not vouch for anything else
     */
    public static ModelSignature of(Path model, SigningKey key) {
        byte[] bytes = bytes(model);
        OpenedModel.of(model, Safetensors.of(model, bytes)).load().close();
        String sha256 = sha256(bytes);
        String id = key.verifyingKey().id();
        byte[] signature = key.sign(message(id, sha256));
        return new ModelSignature(id, sha256, Base64.getEncoder().encodeToString(signature));
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(Sha256.digest().digest(bytes));
    }

    /** What is signed: the lines of the file before the signature. They say what the key is used for. */
    private static byte[] message(String keyId, String sha256) {
        return (TITLE + "\nalgorithm: " + VerifyingKey.ALGORITHM + "\nkey: " + keyId + "\nsha256: " + sha256 + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The file of the signature: the name of the model and {@code .sig}, beside the name that was given, also if that is a link. */
    public static Path fileOf(Path model) {
        return model.resolveSibling(model.getFileName() + ".sig");
    }

    /** Writes the file beside a model, replacing an earlier one. */
    public void writeBeside(Path model) {
        AtomicFiles.write(fileOf(model), out -> {
            out.write(message(keyId, sha256));
            out.write(("signature: " + signature + "\n").getBytes(StandardCharsets.US_ASCII));
        });
    }

    /**
     * Reads the signature beside a model; empty if there is none. It proves nothing before it is {@linkplain #verified checked}.
     *
     * @throws InvalidFileException if the file is not a signature
     */
    public static Optional<ModelSignature> beside(Path model) {
        Path file = fileOf(model);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        RegularFile.require(file);
        Matcher text = TEXT.matcher(TextFile.read(file, MAX_BYTES));
        if (!text.matches()) {
            throw new InvalidFileException(
                    file, "is not a signature of the format " + TITLE + "; sign the model again with preceptor sign");
        }
        return Optional.of(new ModelSignature(text.group(1), text.group(2), text.group(3)));
    }

    /**
     * The bytes of a model file that one of several keys has signed, read once: what is checked is what the caller gets.
     *
     * @param model at most 2 GiB
     * @param trusted at least one
     * @throws InvalidFileException if the file has no signature, one by another key, one of other bytes, or a forged one
     */
    static byte[] verified(Path model, List<VerifyingKey> trusted) {
        ModelSignature signature = required(model);
        byte[] bytes = bytes(model);
        signature.requireValid(model, sha256(bytes), trusted);
        return bytes;
    }

    /**
     * Checks that one of several keys has signed the file.
     *
     * @return the key
     * @throws InvalidFileException if the file has no signature, one by another key, one of other bytes, or a forged one
     */
    public static VerifyingKey verify(Path model, List<VerifyingKey> trusted) {
        return required(model).requireValid(model, Sha256.of(model), trusted);
    }

    private static ModelSignature required(Path model) {
        if (!Files.exists(model)) {
            throw new InvalidFileException(model, "cannot be read: no such file or folder");
        }
        return beside(model)
                .orElseThrow(() -> new InvalidFileException(
                        model, "is not signed: there is no " + fileOf(model).getFileName() + " beside it"));
    }

    private VerifyingKey requireValid(Path model, String found, List<VerifyingKey> trusted) {
        VerifyingKey key = trusted.stream()
                .filter(each -> each.id().equals(keyId))
                .findFirst()
                .orElseThrow(() -> new InvalidFileException(
                        model,
                        "is signed with the key " + keyId + ", which is none of the trusted keys "
                                + trusted.stream().map(VerifyingKey::id).toList()));
        if (!key.verifies(message(keyId, sha256), Base64.getDecoder().decode(signature))) {
            throw new InvalidFileException(
                    model,
                    "has a signature that was not made with the key " + keyId + "; get model and signature again");
        }
        if (!sha256.equals(found)) {
            throw new InvalidFileException(
                    model, "was changed after it was signed: its SHA-256 is " + found + ", the signed one " + sha256);
        }
        return key;
    }

    private static byte[] bytes(Path model) {
        RegularFile.require(model);
        try (InputStream in = Files.newInputStream(model)) {
            byte[] bytes = in.readNBytes(MAX_MODEL);
            if (in.read() >= 0) {
                throw new InvalidFileException(model, "is larger than 2 GiB, too large to be checked and used at once");
            }
            return bytes;
        } catch (IOException e) {
            throw new InvalidFileException(model, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }
}
