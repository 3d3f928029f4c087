package dev.preceptor.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An HTTP server for a {@link LivePage}. It answers GET and HEAD requests for the page and its parts only, and serves no files.
 * To prevent DNS rebinding, it refuses requests whose {@code Host} header is neither an IP address, {@code localhost} nor the
 * host name that it listens on. There is no authentication: anybody who can reach the port sees slices of patients.
 *
 * <p>A connection is closed if its request is not complete within {@link #REQUEST_SECONDS} or its response not read within
 * {@link #RESPONSE_SECONDS}, so that a slow client occupies a thread for a limited time.
 */
public final class WatchServer implements AutoCloseable {
    private static final Pattern PLACE =
            Pattern.compile("(?:(?<host>[^\\s:]+|\\[[0-9a-fA-F:.]+]):)?(?<port>[0-9]{1,5})");
    private static final Pattern ADDRESS =
            Pattern.compile("localhost|[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-fA-F:.%]+]");
    static final int THREADS = 16;
    static final int REQUEST_SECONDS = 5;
    static final int RESPONSE_SECONDS = 20;

    private static final int THREAD_IDLE_SECONDS = 30;
    /** System properties of the JDK's HTTP server, which reads them once per process; values from the command line take precedence. */
    private static final Map<String, Integer> LIMITS = Map.of(
            "sun.net.httpserver.maxReqTime", REQUEST_SECONDS,
            "sun.net.httpserver.maxRspTime", RESPONSE_SECONDS,
            "sun.net.httpserver.idleInterval", 15,
            "sun.net.httpserver.maxIdleConnections", 64,
            "sun.net.httpserver.maxReqHeaders", 64,
            "sun.net.httpserver.maxReqHeaderSize", 16_384,
            "jdk.httpserver.maxConnections", 512);

    static {
        LIMITS.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value.toString());
            }
        });
    }

    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
            + " img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HttpServer server;
    private final ExecutorService threads;
    private final LivePage page;
    private final String name;

    private WatchServer(HttpServer server, LivePage page, String name) {
        this.server = server;
        this.page = page;
        this.name = name;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, THREAD_IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = DaemonThreads.of("preceptor-live-page", task);
                    // Training has priority.
                    thread.setPriority(Thread.MIN_PRIORITY);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /**
     * An address to listen on.
     *
     * @param host a host name or IP address of this machine
     * @param port 0 for any free port
     */
    public record Place(String host, int port) {
        private static final int MAX_PORT = 65_535;

        /**
         * Parses {@code PORT}, on the loopback interface, or {@code HOST:PORT}.
         *
         * @return empty if the text is neither
         */
        public static Optional<Place> parse(String text) {
            Matcher form = PLACE.matcher(text);
            if (!form.matches() || Integer.parseInt(form.group("port")) > MAX_PORT) {
                return Optional.empty();
            }
            String host = form.group("host") == null ? "127.0.0.1" : form.group("host");
            return Optional.of(new Place(host, Integer.parseInt(form.group("port"))));
        }
    }

    /**
     * Starts a server.
     *
     * @throws PreceptorException if the port is in use or the host is not this machine
     */
    public static WatchServer open(Place place, LivePage page) {
        try {
            InetAddress address = InetAddress.getByName(place.host());
            HttpServer server = HttpServer.create(new InetSocketAddress(address, place.port()), 0);
            WatchServer watch = new WatchServer(server, page, place.host());
            server.setExecutor(watch.threads);
            server.createContext("/", watch::handle);
            server.start();
            return watch;
        } catch (IOException e) {
            throw new PreceptorException(
                    "cannot serve the live page at " + place.host() + ":" + place.port() + ": " + Reason.of(e)
                            + "; choose another port",
                    e);
        }
    }

    /** The URL for a browser on this machine. */
    public String address() {
        InetSocketAddress bound = server.getAddress();
        String host = bound.getAddress().isAnyLocalAddress() ? "127.0.0.1" : name;
        return "http://" + host + ":" + bound.getPort() + "/";
    }

    /** Whether other machines can reach the server. */
    public boolean isOpenToOthers() {
        return !server.getAddress().getAddress().isLoopbackAddress();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!isAddressed(exchange.getRequestHeaders().getFirst("Host"))) {
                send(exchange, 403, "text/plain", "this page is available at the address of its server only\n");
            } else if (!exchange.getRequestMethod().equals("GET") && !isHead(exchange)) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, "text/plain", "only GET and HEAD are supported\n");
            } else {
                get(exchange);
            }
        }
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    private void get(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (path.equals("/")) {
            send(exchange, 200, "text/html", page.html());
            return;
        }
        Optional<LivePage.Part> part = Arrays.stream(LivePage.Part.values())
                .filter(one -> path.equals("/" + one.id()))
                .findFirst();
        if (part.isEmpty()) {
            send(exchange, 404, "text/plain", "not found\n");
            return;
        }
        LivePage.Fragment fragment = page.part(part.get());
        if (("v=" + fragment.version()).equals(exchange.getRequestURI().getRawQuery())) {
            exchange.sendResponseHeaders(204, -1);
            return;
        }
        exchange.getResponseHeaders().set("X-Version", String.valueOf(fragment.version()));
        send(exchange, 200, "text/html", fragment.html());
    }

    /** Whether a {@code Host} header is an IP address, localhost or the host name of this server. */
    private boolean isAddressed(String host) {
        if (host == null) {
            return false;
        }
        String hostName = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]+$", "");
        return ADDRESS.matcher(hostName).matches() || hostName.equals(name.toLowerCase(Locale.ROOT));
    }

    private static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type + "; charset=utf-8");
        headers.set("Cache-Control", "no-store");
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        if (isHead(exchange)) {
            // The JDK logs a warning if a length is passed for a HEAD request.
            headers.set("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(code, -1);
            return;
        }
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
