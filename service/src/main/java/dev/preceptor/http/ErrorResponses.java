package dev.preceptor.http;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers errors with one line of JSON, {@code {"error": "..."}}, without stack traces. Stateless, thread-safe. */
final class ErrorResponses implements Request.Handler {
    /** Answers what goes wrong in Jetty, before or beside a route. */
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus() < 400 ? 500 : response.getStatus();
        Object cause = request.getAttribute(ErrorHandler.ERROR_EXCEPTION);
        String text = cause instanceof HttpStatusException own ? own.getMessage() : HttpStatus.getMessage(status);
        write(response, callback, status, text, Map.of());
        return true;
    }

    /** Answers what a handler threw. */
    static void send(Throwable cause, Response response, Callback callback) {
        if (response.isCommitted()) {
            callback.failed(cause);
            return;
        }
        response.reset();
        HttpStatusException own = find(cause, HttpStatusException.class);
        HttpException jetty = find(cause, HttpException.class);
        if (own != null) {
            write(response, callback, own.status(), own.getMessage(), own.headers());
        } else if (jetty != null) {
            write(response, callback, jetty.getCode(), HttpStatus.getMessage(jetty.getCode()), Map.of());
        } else if (find(cause, TimeoutException.class) != null) {
            write(response, callback, 408, "nothing came for too long", Map.of());
        } else if (cause instanceof PreceptorException) {
            write(response, callback, 400, cause.getMessage(), Map.of());
        } else {
            write(response, callback, 500, ErrorLine.of(cause), Map.of());
        }
    }

    private static <T> T find(Throwable cause, Class<T> kind) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (kind.isInstance(each)) {
                return kind.cast(each);
            }
        }
        return null;
    }

    private static void write(
            Response response, Callback callback, int status, String message, Map<String, String> headers) {
        response.setStatus(status);
        SecurityHeaders.put(response.getHeaders());
        headers.forEach(response.getHeaders()::put);
        if (status == 401) {
            response.getHeaders().put("WWW-Authenticate", "Bearer");
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        byte[] body = OneLineJson.error(message).getBytes(StandardCharsets.UTF_8);
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
