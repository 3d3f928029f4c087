package dev.preceptor.http;

/**
 * What answers a method at a path.
 *
 * @param method {@code GET}, {@code POST} or {@code DELETE}; {@code GET} answers {@code HEAD} too
 * @param template the path, with parameters in braces: {@code /api/jobs/{id}}
 * @param access who may call it
 * @param handler answers
 */
public record Route(String method, String template, Access access, RouteHandler handler) {
    /** Who may call a route. */
    public enum Access {
        /** Everybody, also from programs that do not know the name of the host: probes of health. */
        PROBE,
        /** Everybody who names the host as it is called: the page, which contains no data. */
        OPEN,
        /** Callers with a token, where there are tokens. */
        TOKEN
    }

    /** A reading route for callers with a token. */
    public static Route get(String template, RouteHandler handler) {
        return new Route("GET", template, Access.TOKEN, handler);
    }

    /** A changing route for callers with a token. */
    public static Route post(String template, RouteHandler handler) {
        return new Route("POST", template, Access.TOKEN, handler);
    }

    /** A deleting route for callers with a token. */
    public static Route delete(String template, RouteHandler handler) {
        return new Route("DELETE", template, Access.TOKEN, handler);
    }

    /** The same for others. */
    public Route withAccess(Access other) {
        return new Route(method, template, other, handler);
    }
}
