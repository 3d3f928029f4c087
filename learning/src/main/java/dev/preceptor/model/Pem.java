package dev.preceptor.model;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.RegularFile;
import dev.preceptor.base.TextFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys as text (PEM, RFC 7468). */
final class Pem {
    private static final int MAX_BYTES = 1 << 16;
    private static final int LINE = 64;

    private Pem() {}

    /**
     * The bytes of the first block of a type.
     *
     * @param type such as {@code PUBLIC KEY}
     * @throws InvalidFileException if the file has no such block
     */
    static byte[] read(Path file, String type) {
        RegularFile.require(file);
        String text = TextFile.read(file, MAX_BYTES);
        Matcher block = Pattern.compile("-----BEGIN " + type + "-----([A-Za-z0-9+/=\\s]*)-----END " + type + "-----")
                .matcher(text);
        if (!block.find()) {
            throw new InvalidFileException(
                    file,
                    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
                            ? "is a key with a passphrase, which is not supported; remove it with openssl pkey"
                            : "has no block -----BEGIN " + type + "-----" + confusion(text));
        }
        try {
            return Base64.getDecoder().decode(block.group(1).replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, "is a damaged key: its text is not Base64", e);
        }
    }

    private static String confusion(String text) {
        if (text.contains("-----BEGIN PRIVATE KEY-----")) {
            return "; it is a private key, and the public one (.pub.pem) is needed";
        }
        return text.contains("-----BEGIN PUBLIC KEY-----") ? "; it is a public key, and the private one is needed" : "";
    }

    static String encode(String type, byte[] bytes) {
        String body = Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(bytes);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
