package dev.preceptor.http;

import dev.preceptor.base.PreceptorException;
import java.time.Duration;
import java.util.Map;

/** A request that is answered with a status of HTTP and one line of text. */
public final class HttpStatusException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Map<String, String> headers;

    /**
     * @param status of the response, 400 to 599
     * @param message in one line; never a name of a patient
     */
    public HttpStatusException(int status, String message) {
        this(status, message, Map.of());
    }

    private HttpStatusException(int status, String message, Map<String, String> headers) {
        super(message);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("no status of an error: " + status);
        }
        this.status = status;
        this.headers = Map.copyOf(headers);
    }

    /** 503 with the time after which the caller may try again. */
    public static HttpStatusException busy(String message, Duration retryAfter) {
        return new HttpStatusException(
                503, message, Map.of("Retry-After", String.valueOf(Math.max(1, retryAfter.toSeconds()))));
    }

    /** 405 with the methods that the address has. */
    static HttpStatusException wrongMethod(String allowed) {
        return new HttpStatusException(405, "this address takes " + allowed, Map.of("Allow", allowed));
    }

    /** The status of the response. */
    public int status() {
        return status;
    }

    /** Headers that the response gets too. */
    Map<String, String> headers() {
        return headers;
    }
}
