package dev.preceptor.dicomweb;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * Sends requests to one PACS and turns what goes wrong into a {@link DicomWebException}. URLs are built from the root: none
 * that a response contains is followed, but for redirections of a GET within the same scheme, host and port. Thread-safe.
 */
final class Transport {
    private static final int MAX_REDIRECTIONS = 5;
    private static final int MAX_JSON_BYTES = 64 << 20;

    private final DicomWebSettings settings;
    private final HttpClient client;

    Transport(DicomWebSettings settings) {
        this.settings = settings;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout());
        settings.authorities().map(Authorities::trustOnly).ifPresent(builder::sslContext);
        client = builder.build();
    }

    /** A successful response, whose body is read with {@link Transport#read}. */
    record Response(int status, String contentType, InputStream body) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /**
     * Asks once.
     *
     * @param path path below the root, with slashes, for example {@code /studies?limit=1}; without secrets
     * @param subject what is asked for, in messages, for example {@code study 1.2.3}
     * @throws DicomWebException if there is no response, or one with another status than 2xx
     */
    Response get(String path, String accept, String subject) {
        URI target = URI.create(settings.root() + path);
        for (int i = 0; i <= MAX_REDIRECTIONS; i++) {
            HttpResponse<InputStream> response = send(
                    request(target, accept, settings.responseTimeout()).GET().build());
            if (response.statusCode() / 100 != 3) {
                return successful(response, subject);
            }
            target = redirection(response, target);
        }
        throw DicomWebException.withoutResponse(settings.root() + ": redirects in a circle", false, null);
    }

    /**
     * Posts once. A failure leaves open whether the PACS has received everything.
     *
     * @param slowest longest time until the response begins, with the time to send the body
     */
    Response post(
            String path,
            String contentType,
            HttpRequest.BodyPublisher body,
            String accept,
            Duration slowest,
            String subject) {
        HttpResponse<InputStream> response = send(request(URI.create(settings.root() + path), accept, slowest)
                .header("Content-Type", contentType)
                .POST(body)
                .build());
        // 409 has the same body as 200: the list of what was stored and what was not.
        return response.statusCode() == 409
                ? new Response(409, contentType(response), response.body())
                : successful(response, subject);
    }

    /** Reads from the body of a response; what goes wrong is a transient {@link DicomWebException}. */
    int read(InputStream body, byte[] target) {
        try {
            return body.read(target);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** A body of JSON in UTF-8. */
    String text(Response response) {
        try (response) {
            byte[] bytes = response.body().readNBytes(MAX_JSON_BYTES + 1);
            if (bytes.length > MAX_JSON_BYTES) {
                throw DicomWebException.withoutResponse(
                        settings.root() + ": the response has more than 64 MiB; ask for less, for example with --limit",
                        false,
                        null);
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /**
     * Repeats a request while its failure is transient and the patience lasts.
     *
     * @throws DicomWebException the last failure
     */
    <T> T patiently(DicomWebListener listener, Supplier<T> request) {
        for (int failed = 1; ; failed++) {
            try {
                return request.get();
            } catch (DicomWebException e) {
                if (!e.isTransient() || failed >= settings.retry().attempts()) {
                    throw e;
                }
                pause(listener, failed, e);
            }
        }
    }

    /** Waits before the next attempt. */
    void pause(DicomWebListener listener, int failed, DicomWebException failure) {
        Duration delay = settings.retry().delay(failed, failure.retryAfter());
        listener.onWarning(failure.getMessage() + "; trying again in "
                + String.format(Locale.ROOT, "%.1f", delay.toMillis() / 1000.0) + " s");
        sleep(delay);
    }

    void sleep(Duration delay) {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw DicomWebException.withoutResponse(settings.root() + ": interrupted", false, e);
        }
    }

    DicomWebSettings settings() {
        return settings;
    }

    private HttpRequest.Builder request(URI target, String accept, Duration timeout) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(target).timeout(timeout).header("Accept", accept);
        settings.credentials().authorization().ifPresent(value -> builder.header("Authorization", value));
        return builder;
    }

    private HttpResponse<InputStream> send(HttpRequest request) {
        try {
            return client.send(request, response -> new BodyStream(settings.responseTimeout()));
        } catch (IOException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw DicomWebException.withoutResponse(settings.root() + ": interrupted", false, e);
        }
    }

    /** A failure of the connection in words for users. */
    DicomWebException failure(IOException e) {
        String root = settings.root() + ": ";
        if (has(e, SSLException.class)) {
            return DicomWebException.withoutResponse(
                    root + "there is no trusted encrypted connection: the certificate is unknown, expired or of another"
                            + " host, or the port does not speak TLS; --ca FILE (serve: --pacs-ca) names the certificate to trust",
                    false,
                    e);
        }
        if (has(e, UnresolvedAddressException.class)) {
            return DicomWebException.withoutResponse(root + "the host name is unknown", false, e);
        }
        if (has(e, HttpTimeoutException.class)) {
            return DicomWebException.withoutResponse(root + "no response within the time limit", true, e);
        }
        if (has(e, ConnectException.class)) {
            return DicomWebException.withoutResponse(root + "cannot be reached: no server listens there", true, e);
        }
        if (has(e, ProtocolException.class)) {
            return DicomWebException.withoutResponse(
                    root + "the response is not HTTP within the usual limits", false, e);
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof MultipartException multipart) {
                return DicomWebException.withoutResponse(
                        root + multipart.getMessage(), multipart.fault() == MultipartException.Fault.TRUNCATED, e);
            }
        }
        return DicomWebException.withoutResponse(root + "the connection broke", true, e);
    }

    private static boolean has(Throwable e, Class<? extends Throwable> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private Response successful(HttpResponse<InputStream> response, String subject) {
        int status = response.statusCode();
        if (status / 100 == 2) {
            return new Response(status, contentType(response), response.body());
        }
        discard(response);
        boolean isTransient = status == 429 || (status >= 502 && status <= 504);
        throw DicomWebException.withStatus(
                settings.root() + ": " + meaning(status, subject) + " (" + status + ")",
                status,
                isTransient,
                retryAfter(response));
    }

    private static String contentType(HttpResponse<?> response) {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    private String meaning(int status, String subject) {
        boolean hasLogin = settings.credentials().authorization().isPresent();
        return switch (status) {
            case 401 ->
                hasLogin
                        ? "the PACS refuses the login of " + settings.credentials()
                                + "; check the user name and the password or token"
                        : "the PACS asks for a login; give --user with --password-file or PRECEPTOR_PACS_PASSWORD, or"
                                + " --token-file (serve: --pacs-user, --pacs-password-file, --pacs-token-file)";
            case 403 -> "the login may not do this: " + subject;
            case 404 -> "the PACS knows no " + subject;
            case 413 -> "the PACS refuses " + subject + " because it is too large";
            case 429, 503 -> "the PACS is busy";
            case 502, 504 -> "the PACS behind a proxy does not answer";
            default -> status >= 500 ? "the PACS failed at " + subject : "the PACS refuses " + subject;
        };
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        return seconds.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO;
    }

    private URI redirection(HttpResponse<InputStream> response, URI from) {
        discard(response);
        String location = response.headers().firstValue("Location").orElse("");
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw DicomWebException.withoutResponse(
                    settings.root() + ": redirects to something that is no address", false, e);
        }
        if (!origin(to).equals(origin(from))) {
            throw DicomWebException.withStatus(
                    settings.root() + ": redirects to another server, " + origin(to)
                            + ", which is not followed; if that is the PACS, give its address",
                    response.statusCode(),
                    false,
                    Duration.ZERO);
        }
        return to;
    }

    private static String origin(URI address) {
        return address.getScheme() + "://" + address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }

    private static void discard(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException e) {
            // The response has been understood; what its body would have said is of no use.
            return;
        }
    }
}
