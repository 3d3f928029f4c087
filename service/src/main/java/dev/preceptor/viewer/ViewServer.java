package dev.preceptor.viewer;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.http.Exchange;
import dev.preceptor.http.HttpServer;
import dev.preceptor.http.HttpStatusException;
import dev.preceptor.http.Route;
import dev.preceptor.http.Router;
import dev.preceptor.http.ServerSettings;
import dev.preceptor.http.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.core.JacksonException;

/**
 * Shows files on the {@linkplain ViewerPage page}, to the user who started it: it listens on loopback, and an address gives access only with
 * the secret in its fragment, which browsers do not send and the page exchanges for a cookie. Thread-safe.
 */
public final class ViewServer implements AutoCloseable {
    private static final int SECRET_BYTES = 24;
    private static final int MAX_LOGIN_BYTES = 1024;

    private final HttpServer server;
    private final String secret = secret();
    private final String launchSecret = secret();
    private final AtomicBoolean isLaunched = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** What the page gets, by the name in its address. */
    private final Map<String, Path> served = new TreeMap<>();

    private final Map<String, Object> description = new LinkedHashMap<>();

    private ViewServer(ServedCopies copies, ViewedFiles files, int port) {
        description.put("name", files.image().name());
        description.put("image", serve("image", copies.servable(files.image().file())));
        List<Map<String, Object>> overlays = new ArrayList<>();
        for (LabelOverlay overlay : files.overlays()) {
            overlays.add(overlay.toMap(serve("labels-" + (overlays.size() + 1), copies.servable(overlay))));
        }
        description.put("overlays", overlays);
        description.put(
                "uncertainty",
                files.uncertainty()
                        .map(file -> serve("uncertainty", copies.servable(file)))
                        .orElse(null));
        server = new HttpServer(
                new Router(routes()),
                ServerSettings.local(port).withTokens(new Tokens(Map.of("view", secret))),
                (route, status, duration) -> {});
    }

    /**
     * Starts a server.
     *
     * @param files what it shows
     * @param copies where files that browsers cannot read are rewritten; closed by the caller after the server
     * @param port 0 for any that is free
     * @throws PreceptorException if the port is taken
     */
    public static ViewServer open(ViewedFiles files, ServedCopies copies, int port) {
        return new ViewServer(copies, files, port);
    }

    private String serve(String name, Path file) {
        served.put(name + ".nii.gz", file);
        return "/api/view/" + name + ".nii.gz";
    }

    private List<Route> routes() {
        List<Route> routes = new ArrayList<>(List.of(
                Route.get("/api/session", this::session).withAccess(Route.Access.OPEN),
                Route.post("/api/login", this::login).withAccess(Route.Access.OPEN),
                Route.get("/api/view", exchange -> exchange.json(200, description)),
                Route.get("/api/view/{file}", this::file)));
        routes.addAll(ViewerPage.routes());
        return routes;
    }

    private void session(Exchange exchange) {
        exchange.json(200, Map.of("mode", "view", "needsToken", !exchange.isLoggedIn()));
    }

    private void login(Exchange exchange) throws IOException {
        String given;
        try {
            given = Settings.JSON
                    .readTree(exchange.text(MAX_LOGIN_BYTES))
                    .path("token")
                    .asString("");
        } catch (JacksonException e) {
            throw new HttpStatusException(400, "a login is {\"token\": \"...\"}");
        }
        // Other users see the arguments of the browser's process, so the secret in them opens the page once.
        boolean isLaunch = isSame(given, launchSecret);
        if (isLaunch && !isLaunched.compareAndSet(false, true)) {
            throw new HttpStatusException(
                    401, "this address was used before; the terminal shows one that can be used again");
        }
        exchange.login(isLaunch ? secret : given);
        exchange.empty(204);
    }

    private void file(Exchange exchange) {
        Path file = served.get(exchange.parameter("file"));
        if (file == null) {
            throw new HttpStatusException(404, "there is no such file");
        }
        exchange.file(file, "application/octet-stream", Optional.empty());
    }

    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The address for the user; it can be opened any number of times. */
    public String url() {
        return server.url() + "/#token=" + secret;
    }

    /** An address for a browser that is started with it as an argument; it can be opened once. */
    public String launchUrl() {
        return server.url() + "/#token=" + launchSecret;
    }

    /** Waits until the server is closed. */
    public void await() throws InterruptedException {
        closed.await();
    }

    @Override
    public void close() {
        server.close();
        closed.countDown();
    }
}
