package dev.preceptor.http;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Decides whether a request is let in. A foreign {@code Host} is refused, which stops DNS rebinding; a changing request whose {@code Origin}
 * is another site is refused, which stops forged requests, and one that carries a cookie must have an {@code Origin}. Immutable, for any
 * number of threads.
 */
final class AccessControl {
    private static final String COOKIE = "preceptor";
    private static final String BEARER = "Bearer ";

    private final Tokens tokens;
    private final Set<String> hosts = new TreeSet<>(Set.of("localhost", "127.0.0.1", plain("::1")));
    private final boolean isSecure;

    /**
     * @param tokens that callers need
     * @param hosts names of the server besides those of loopback
     * @param isSecure whether the cookie is sent by TLS alone
     */
    AccessControl(Tokens tokens, Set<String> hosts, boolean isSecure) {
        this.tokens = tokens;
        hosts.forEach(host -> this.hosts.add(plain(host)));
        this.isSecure = isSecure;
    }

    /**
     * Who sends the request.
     *
     * @throws HttpStatusException 403 for a foreign host or origin, 401 without a token that is needed
     */
    Caller admit(Request request, Route.Access access) {
        String address = Request.getRemoteAddr(request);
        if (access == Route.Access.PROBE) {
            return new Caller("anonymous", address);
        }
        String host = Request.getServerName(request);
        if (host == null || !hosts.contains(plain(host))) {
            throw new HttpStatusException(403, "this server is not known under that host name; --host-name allows one");
        }
        boolean isChange =
                !request.getMethod().equals("GET") && !request.getMethod().equals("HEAD");
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (isChange && origin != null && !isOwn(origin, request)) {
            throw new HttpStatusException(403, "requests of other sites are refused");
        }
        if (access == Route.Access.OPEN) {
            return new Caller("anonymous", address);
        }
        if (tokens.isEmpty()) {
            return new Caller("local", address);
        }
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (header != null && header.startsWith(BEARER)) {
            return new Caller(
                    tokens.named(header.substring(BEARER.length()).strip()).orElseThrow(AccessControl::unknown),
                    address);
        }
        String name = cookie(request).flatMap(tokens::namedByCookie).orElseThrow(AccessControl::unknown);
        if (isChange && origin == null) {
            throw new HttpStatusException(403, "a request with a cookie needs the header Origin");
        }
        return new Caller(name, address);
    }

    /** A name in one form: an IPv6 address may be in brackets or not, and browsers shorten it. */
    private static String plain(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (!lower.contains(":")) {
            return lower;
        }
        try {
            // What is in brackets is read as an address and never looked up as a name.
            return InetAddress.getByName(lower.startsWith("[") ? lower : "[" + lower + "]")
                    .getHostAddress();
        } catch (UnknownHostException e) {
            return lower;
        }
    }

    private static HttpStatusException unknown() {
        return new HttpStatusException(401, "a token is needed: Authorization: Bearer TOKEN, or log in");
    }

    private static Optional<String> cookie(Request request) {
        return Request.getCookies(request).stream()
                .filter(cookie -> cookie.getName().equals(COOKIE))
                .map(HttpCookie::getValue)
                .findFirst();
    }

    /** Whether the origin has the host and the port under which the server is called. */
    private static boolean isOwn(String origin, Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        try {
            String authority = URI.create(origin).getRawAuthority();
            return authority != null && authority.equalsIgnoreCase(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether the request has a cookie of a token, or needs none. */
    boolean isKnown(Request request) {
        return tokens.isEmpty()
                || cookie(request).flatMap(tokens::namedByCookie).isPresent();
    }

    /**
     * The value of {@code Set-Cookie} for a token: for scripts out of reach, and never sent by another site.
     *
     * @throws HttpStatusException 401 if the token is unknown
     */
    String login(String token) {
        String name = tokens.named(token).orElseThrow(AccessControl::unknown);
        return COOKIE + "=" + tokens.cookieOf(name) + "; HttpOnly; SameSite=Strict; Path=/"
                + (isSecure ? "; Secure" : "");
    }
}
