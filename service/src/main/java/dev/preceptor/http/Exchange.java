package dev.preceptor.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A request and its response. A handler answers once. For one thread. */
public final class Exchange {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Map<String, String> parameters;
    private final Caller caller;
    private final ServerContext context;
    private boolean hasResponded;

    /** What all exchanges of a server share. */
    record ServerContext(
            AccessControl access, FileResponses files, Consumer<EventStream> streams, ServerLimits limits) {}

    Exchange(
            Request request,
            Response response,
            Callback callback,
            Map<String, String> parameters,
            Caller caller,
            ServerContext context) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.parameters = parameters;
        this.caller = caller;
        this.context = context;
    }

    /** Who sends the request. */
    public Caller caller() {
        return caller;
    }

    /** Whether the template of the route has this parameter. */
    public boolean hasParameter(String name) {
        return parameters.containsKey(name);
    }

    /** A parameter of the path, by its name in the template of the route. */
    public String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no parameter " + name);
        }
        return value;
    }

    /** A value of the query; empty if it is not there. */
    public Optional<String> query(String name) {
        return Optional.ofNullable(Request.extractQueryParameters(request).getValue(name));
    }

    /** A header of the request; empty if it is not there. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    /**
     * The bytes of the body as they arrive.
     *
     * @throws HttpStatusException 413 if the request says that it has more than {@link ServerLimits#bodyBytes}
     */
    public InputStream body() {
        return new RequestBody(Content.Source.asInputStream(request), request.getLength(), context.limits());
    }

    /**
     * The whole body as text in UTF-8.
     *
     * @throws HttpStatusException 413 if it has more bytes
     */
    public String text(int maxBytes) throws IOException {
        byte[] bytes = body().readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw new HttpStatusException(413, "the body has more than " + maxBytes + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether the caller has logged in, or need not. */
    public boolean isLoggedIn() {
        return context.access().isKnown(request);
    }

    /**
     * Sets the cookie of a token.
     *
     * @throws HttpStatusException 401 if the token is unknown
     */
    public void login(String token) {
        putHeader(HttpHeader.SET_COOKIE.asString(), context.access().login(token));
    }

    /** Sets a header of the response. */
    public void putHeader(String name, String value) {
        response.getHeaders().put(name, value);
    }

    /** Answers with one line of JSON. */
    public void json(int status, Object value) {
        respond(status, "application/json", OneLineJson.of(value) + "\n");
    }

    /** Answers with a text of a media type. */
    public void respond(int status, String contentType, String text) {
        begin();
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.write(true, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), callback);
    }

    /** Answers without a body. */
    public void empty(int status) {
        begin();
        response.setStatus(status);
        response.write(true, null, callback);
    }

    /**
     * Answers with a file, or with the bytes of it that the request names.
     *
     * @param file a regular file
     * @param contentType its media type
     * @param name under which a browser saves it; empty to show it
     */
    public void file(Path file, String contentType, Optional<String> name) {
        begin();
        name.ifPresent(text -> putHeader("Content-Disposition", "attachment; filename=\"" + text + "\""));
        context.files().file(file, contentType, request, response, callback);
    }

    /** Answers with a resource of the class path, or with the bytes of it that the request names. */
    public void resource(URL url, String contentType) {
        begin();
        context.files().resource(url, contentType, request, response, callback);
    }

    /** Answers with events, which may be sent after the handler has returned. */
    public EventStream events() {
        begin();
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        EventStream stream = new EventStream(response, callback);
        context.streams().accept(stream);
        return stream;
    }

    private void begin() {
        if (hasResponded) {
            throw new IllegalStateException("the request has a response already");
        }
        hasResponded = true;
    }

    boolean hasResponded() {
        return hasResponded;
    }
}
