package dev.preceptor.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
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
 * Serves a {@link LivePage} by HTTP. It answers GET and HEAD for the page and its parts and nothing else, reads no file, and
 * refuses requests for a host that is not written as an address (a foreign page whose name was made to point here would be such
 * a host). There are no passwords: whoever reaches the port sees slices of patients.
 *
 * <p>A request that is not complete after {@link #REQUEST_SECONDS}, or whose response is not read after
 * {@link #RESPONSE_SECONDS}, is cut off, so that slow clients occupy a thread for that long at most.
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
    /** The server of the JDK reads its limits once a process; one given on the command line stays. */
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
                    Thread thread = new Thread(task, "watch");
                    thread.setDaemon(true);
                    // The training comes first.
                    thread.setPriority(Thread.MIN_PRIORITY);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /**
     * Where to listen.
     *
     * @param host a name or an address of this machine
     * @param port 0 for any that is free
     */
    public record Place(String host, int port) {
        private static final int HIGHEST = 65_535;

        /**
         * Reads {@code PORT}, which is on the loopback interface alone, or {@code HOST:PORT}.
         *
         * @return nothing if the text is neither
         */
        public static Optional<Place> parse(String text) {
            Matcher form = PLACE.matcher(text);
            if (!form.matches() || Integer.parseInt(form.group("port")) > HIGHEST) {
                return Optional.empty();
            }
            String host = form.group("host") == null ? "127.0.0.1" : form.group("host");
            return Optional.of(new Place(host, Integer.parseInt(form.group("port"))));
        }
    }

    /**
     * Begins to listen.
     *
     * @throws PreceptorException if the port is taken or the host is not this machine
     */
    public static WatchServer open(Place place, LivePage page) {
        try {
            InetAddress address = InetAddress.getByName(place.host());
            HttpServer server = HttpServer.create(new InetSocketAddress(address, place.port()), 0);
            WatchServer watch = new WatchServer(server, page, place.host());
            server.setExecutor(watch.threads);
            server.createContext("/", watch::answer);
            server.start();
            return watch;
        } catch (IOException e) {
            throw new PreceptorException(
                    "nobody can watch at " + place.host() + ":" + place.port() + ": " + Reason.of(e)
                            + "; name another port",
                    e);
        }
    }

    /** What to type into a browser on this machine. */
    public String address() {
        InetSocketAddress bound = server.getAddress();
        String host = bound.getAddress().isAnyLocalAddress() ? "127.0.0.1" : name;
        return "http://" + host + ":" + bound.getPort() + "/";
    }

    /** Whether others than this machine reach it. */
    public boolean isOpenToOthers() {
        return !server.getAddress().getAddress().isLoopbackAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!isAddressed(exchange.getRequestHeaders().getFirst("Host"))) {
                send(exchange, 403, "text/plain", "this page is served to its address alone\n");
            } else if (!exchange.getRequestMethod().equals("GET") && !isHead(exchange)) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, "text/plain", "GET and HEAD alone are answered here\n");
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
            send(exchange, 404, "text/plain", "there is nothing here\n");
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

    /** By a number, as localhost, or by the name that it was opened under: names that others control are refused. */
    private boolean isAddressed(String host) {
        if (host == null) {
            return false;
        }
        String bare = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]+$", "");
        return ADDRESS.matcher(bare).matches() || bare.equals(name.toLowerCase(Locale.ROOT));
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
            // With a length in the call the JDK warns on standard error.
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
