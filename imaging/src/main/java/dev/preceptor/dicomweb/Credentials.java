package dev.preceptor.dicomweb;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** How a client identifies itself to a PACS. Its text names the kind and the user, never the secret. Immutable. */
public final class Credentials {
    /** No login. */
    public static final Credentials NONE = new Credentials("no login", "");

    private final String description;
    private final String header;

    private Credentials(String description, String header) {
        this.description = description;
        this.header = header;
    }

    /**
     * A user name and a password, sent with every request (RFC 7617, in UTF-8).
     *
     * @throws IllegalArgumentException if the user name contains a colon, or one of the two a control character
     */
    public static Credentials basic(String user, String password) {
        if (user.indexOf(':') >= 0 || !isPrintable(user) || !isPrintable(password)) {
            throw new IllegalArgumentException(
                    "a user name has no colon, and neither it nor the password has control characters");
        }
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new Credentials("user " + user, "Basic " + Base64.getEncoder().encodeToString(pair));
    }

    /**
     * A bearer token (RFC 6750).
     *
     * @throws IllegalArgumentException if the token is not visible ASCII
     */
    public static Credentials bearer(String token) {
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new IllegalArgumentException("a token is one word of visible ASCII characters");
        }
        return new Credentials("a token", "Bearer " + token);
    }

    private static boolean isPrintable(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }

    /** The header {@code Authorization}. */
    Optional<String> authorization() {
        return header.isEmpty() ? Optional.empty() : Optional.of(header);
    }

    /** The kind of the login and the user. */
    @Override
    public String toString() {
        return description;
    }
}
