package dev.preceptor.http;

import java.io.IOException;

/** Answers the requests of a route. Called by many threads at once; it may block. */
@FunctionalInterface
public interface RouteHandler {
    /**
     * Answers a request by one of the answering methods of the exchange.
     *
     * @throws HttpStatusException for an error of the caller
     * @throws dev.preceptor.base.PreceptorException which is answered with 400 and its message
     * @throws IOException if the connection breaks
     */
    void handle(Exchange exchange) throws IOException;
}
