package dev.preceptor.http;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the route of a request. Immutable, for any number of threads. */
public final class Router {
    private final List<Route> routes;
    private final List<PathTemplate> templates;

    /** @param routes of which the first that matches answers */
    public Router(List<Route> routes) {
        this.routes = List.copyOf(routes);
        this.templates =
                routes.stream().map(route -> new PathTemplate(route.template())).toList();
    }

    /** A route and the parameters of its path. */
    record Match(Route route, Map<String, String> parameters) {}

    /**
     * The route of a request.
     *
     * @throws HttpStatusException 404 if no route has this path, 405 if none of them has this method
     */
    Match find(String method, String path) {
        String wanted = method.equals("HEAD") ? "GET" : method;
        Set<String> allowed = new LinkedHashSet<>();
        for (int i = 0; i < routes.size(); i++) {
            Optional<Map<String, String>> parameters = templates.get(i).match(path);
            if (parameters.isPresent()) {
                if (routes.get(i).method().equals(wanted)) {
                    return new Match(routes.get(i), parameters.get());
                }
                allowed.add(routes.get(i).method());
            }
        }
        if (allowed.isEmpty()) {
            throw new HttpStatusException(404, "there is nothing at this address");
        }
        throw HttpStatusException.wrongMethod(String.join(", ", allowed));
    }
}
