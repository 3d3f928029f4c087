package dev.preceptor.http;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A running server. {@link #close} answers the requests in progress and stops it. */
public final class HttpServer implements AutoCloseable {
    private static final Duration DISCARD = Duration.ofSeconds(30);

    private final Server server;
    private final ServerConnector connector;
    private final ServerSettings settings;
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

    /**
     * Starts a server.
     *
     * @param router the routes
     * @param settings where it listens and who may call it
     * @param observer is called after each response
     * @throws PreceptorException if the port is taken or the key store cannot be read
     */
    public HttpServer(Router router, ServerSettings settings, RequestObserver observer) {
        this.settings = settings;
        ServerLimits limits = settings.limits();
        QueuedThreadPool threads = new QueuedThreadPool(limits.threads(), Math.min(8, limits.threads()));
        threads.setName("http");
        threads.setDaemon(true);
        server = new Server(threads);
        server.setStopTimeout(limits.shutdown().toMillis());
        server.setErrorHandler(new ErrorResponses());
        connector = connector();
        server.addConnector(connector);
        NetworkConnectionLimit connections = new NetworkConnectionLimit(limits.connections(), connector);
        // At the limit, silent connections make room soon.
        connections.setEndPointIdleTimeout(1000);
        server.addBean(connections);
        Set<String> names = new TreeSet<>(settings.hostNames());
        names.add(settings.host());
        Exchange.ServerContext context = new Exchange.ServerContext(
                new AccessControl(settings.tokens(), names, settings.keyStore().isPresent()),
                new FileResponses(server),
                this::watch,
                limits);
        Handler handler = new RouterHandler(router, context, observer);
        server.setHandler(new GracefulHandler(new LingeringCloseHandler(handler, DISCARD)));
        start();
    }

    private ServerConnector connector() {
        ServerLimits limits = settings.limits();
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setRequestHeaderSize(limits.headerBytes());
        configuration.setUriCompliance(UriCompliance.DEFAULT);
        HttpConnectionFactory http = new HttpConnectionFactory(configuration);
        ServerConnector made;
        if (settings.keyStore().isPresent()) {
            configuration.addCustomizer(new SecureRequestCustomizer(false));
            SslContextFactory.Server tls = new SslContextFactory.Server();
            ServerSettings.KeyStoreFile store = settings.keyStore().get();
            if (!Files.isReadable(store.file())) {
                throw new InvalidFileException(store.file(), "this key store cannot be read");
            }
            tls.setKeyStorePath(store.file().toAbsolutePath().toString());
            tls.setKeyStoreType("PKCS12");
            tls.setKeyStorePassword(store.password());
            made = new ServerConnector(server, 1, 1, new SslConnectionFactory(tls, http.getProtocol()), http);
        } else {
            made = new ServerConnector(server, 1, 1, http);
        }
        made.setHost(settings.host());
        made.setPort(settings.port());
        made.setIdleTimeout(limits.idle().toMillis());
        made.setAcceptQueueSize(4096);
        return made;
    }

    private void start() {
        try {
            server.start();
        } catch (Exception e) {
            stop();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof BindException) {
                    throw new PreceptorException(
                            settings.host() + ":" + settings.port() + ": " + Reason.of(cause)
                                    + "; --port chooses another",
                            e);
                }
            }
            throw new PreceptorException(
                    settings.keyStore().map(store -> store + ": ").orElse("") + "the server cannot start: "
                            + Reason.of(e),
                    e);
        }
    }

    private void watch(EventStream stream) {
        streams.removeIf(EventStream::isClosed);
        streams.add(stream);
    }

    /** The port on which it listens. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Its address for a browser on this machine or, if it listens on one interface, on others. */
    public String url() {
        String host = settings.host().equals("0.0.0.0") || settings.host().equals("::") ? "localhost" : settings.host();
        return (settings.keyStore().isPresent() ? "https://" : "http://")
                + (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    /** Refuses new requests, answers those in progress for as long as {@link ServerLimits#shutdown}, and stops. */
    @Override
    public void close() {
        streams.forEach(EventStream::end);
        stop();
    }

    private void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            // What was still in progress after the time limit was cut off; the server has stopped all the same.
            return;
        }
    }

    /** Admits, finds the route, and answers what its handler throws. */
    private static final class RouterHandler extends Handler.Abstract {
        private final Router router;
        private final Exchange.ServerContext context;
        private final RequestObserver observer;

        RouterHandler(Router router, Exchange.ServerContext context, RequestObserver observer) {
            this.router = router;
            this.context = context;
            this.observer = observer;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String route = "none";
            SecurityHeaders.put(response.getHeaders());
            try {
                Router.Match match = router.find(request.getMethod(), Request.getPathInContext(request));
                route = match.route().method() + " " + match.route().template();
                observe(request, response, route);
                Caller caller = context.access().admit(request, match.route().access());
                Exchange exchange = new Exchange(request, response, callback, match.parameters(), caller, context);
                match.route().handler().handle(exchange);
                if (!exchange.hasResponded()) {
                    throw new IllegalStateException("a handler without a response");
                }
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                if (route.equals("none")) {
                    observe(request, response, route);
                }
                ErrorResponses.send(e, response, callback);
            }
            return true;
        }

        private void observe(Request request, Response response, String route) {
            long start = System.nanoTime();
            Request.addCompletionListener(
                    request,
                    failure -> observer.onResponse(
                            route, response.getStatus(), Duration.ofNanos(System.nanoTime() - start)));
        }
    }
}
