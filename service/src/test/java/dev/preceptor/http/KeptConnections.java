package dev.preceptor.http;

import java.net.http.HttpClient;

/** The idle connections of a client, for which a server that stops waits a second. */
public final class KeptConnections {
    private KeptConnections() {}

    /** Closes them where the client can (Java 21). */
    public static void close(HttpClient client) throws Exception {
        if ((Object) client instanceof AutoCloseable closeable) {
            closeable.close();
        }
    }
}
