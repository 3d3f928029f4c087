package dev.preceptor.http;

import java.time.Duration;

/** Is called after each response. For any number of threads. */
@FunctionalInterface
public interface RequestObserver {
    /**
     * A request has been answered.
     *
     * @param route the method and the template of the route, or {@code none} where no route was found; never the path itself
     * @param status of the response
     * @param duration from the arrival of the request to the end of the response
     */
    void onResponse(String route, int status, Duration duration);
}
