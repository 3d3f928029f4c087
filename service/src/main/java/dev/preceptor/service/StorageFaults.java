package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.http.HttpStatusException;
import dev.preceptor.http.Route;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Tells failures of the data folder, such as a full disk, from errors of callers: these get 400 and the reason, those 500 without a
 * path, which is in the log. Immutable, thread-safe.
 */
final class StorageFaults {
    private final Path root;

    /** @param root of the data folder */
    StorageFaults(Path root) {
        this.root = root;
    }

    /** The route with such answers. */
    Route guarded(Route route) {
        return new Route(route.method(), route.template(), route.access(), exchange -> {
            try {
                route.handler().handle(exchange);
            } catch (HttpStatusException e) {
                throw e;
            } catch (PreceptorException e) {
                if (!(e.getCause() instanceof IOException) && !e.getMessage().contains(root.toString())) {
                    throw e;
                }
                Supervisor.report(route.method() + " " + route.template(), e);
                throw new HttpStatusException(
                        500,
                        "the service cannot use its data folder; tell those who run it, whose log names the cause");
            }
        });
    }
}
