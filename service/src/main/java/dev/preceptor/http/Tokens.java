package dev.preceptor.http;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.TextFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secrets that callers must know, each with the name that logs give to who uses it. A browser gets a cookie that is derived from its
 * token (HMAC-SHA256), so that the token itself is not kept there. Immutable, for any number of threads.
 */
public final class Tokens {
    /** No tokens: everybody who reaches the server may use it. */
    public static final Tokens NONE = new Tokens(Map.of());

    private static final int MIN_LENGTH = 16;
    private static final int MAX_BYTES = 1 << 16;

    private final Map<String, String> secrets;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    /**
     * @param secrets tokens by name
     * @throws IllegalArgumentException if a token is shorter than 16 characters
     */
    public Tokens(Map<String, String> secrets) {
        this.secrets = new LinkedHashMap<>(secrets);
        secrets.forEach((name, secret) -> {
            if (secret.length() < MIN_LENGTH) {
                throw new IllegalArgumentException("the token " + name + " is too short");
            }
            cookies.put(name, cookie(secret));
        });
    }

    /**
     * Reads a file of tokens: a line for each, {@code NAME TOKEN} or the token alone, which then has the name {@code default}; lines that
     * begin with {@code #} are comments.
     *
     * @throws InvalidFileException if a token is shorter than 16 characters, a name is repeated, or there is no token
     */
    public static Tokens read(Path file) {
        Map<String, String> secrets = new LinkedHashMap<>();
        List<String> lines =
                TextFile.read(file, MAX_BYTES).lines().map(String::strip).toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split("\\s+");
            if (words.length > 2) {
                throw new InvalidFileException(file, "line " + (i + 1) + ": a line is NAME TOKEN, or the token alone");
            }
            String name = words.length == 2 ? words[0] : "default";
            String secret = words[words.length - 1];
            if (!name.matches("[A-Za-z0-9_.-]{1,40}")) {
                throw new InvalidFileException(
                        file, "line " + (i + 1) + ": a name is 1 to 40 letters, digits, dots, hyphens and underscores");
            }
            if (secret.length() < MIN_LENGTH) {
                throw new InvalidFileException(
                        file,
                        "line " + (i + 1) + ": a token has at least " + MIN_LENGTH
                                + " characters; make one with openssl rand -hex 32");
            }
            if (secrets.put(name, secret) != null) {
                throw new InvalidFileException(file, "line " + (i + 1) + ": the name " + name + " is there twice");
            }
        }
        if (secrets.isEmpty()) {
            throw new InvalidFileException(file, "has no token; make one with openssl rand -hex 32");
        }
        return new Tokens(secrets);
    }

    /** Whether callers need no token. */
    public boolean isEmpty() {
        return secrets.isEmpty();
    }

    /** The name of a token; empty if it is none of these. */
    public Optional<String> named(String token) {
        return find(secrets, token);
    }

    /** The name of the token from which a cookie was derived; empty if it is none of these. */
    Optional<String> namedByCookie(String cookie) {
        return find(cookies, cookie);
    }

    /** The cookie of a token, by the name of the token. */
    String cookieOf(String name) {
        return cookies.get(name);
    }

    /** Compares with all of them, in a time that does not depend on where a difference lies. */
    private static Optional<String> find(Map<String, String> known, String given) {
        Optional<String> found = Optional.empty();
        byte[] bytes = given.getBytes(StandardCharsets.UTF_8);
        for (Map.Entry<String, String> each : known.entrySet()) {
            if (MessageDigest.isEqual(each.getValue().getBytes(StandardCharsets.UTF_8), bytes)) {
                found = Optional.of(each.getKey());
            }
        }
        return found;
    }

    private static String cookie(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] derived = mac.doFinal("preceptor session".getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(derived);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
