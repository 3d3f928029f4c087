package dev.preceptor.viewer;

import dev.preceptor.http.Route;
import dev.preceptor.http.StaticFiles;
import java.util.List;

/**
 * The page: HTML, style and scripts with NiiVue among them, all of the class path. It contains no data; what it shows comes from {@code
 * /api/session} and from {@code /api/view} or {@code /api/jobs}.
 */
public final class ViewerPage {
    private static final StaticFiles FILES = new StaticFiles(ViewerPage.class, "page");

    private ViewerPage() {}

    /** The routes of the page, to be tried after all others. */
    public static List<Route> routes() {
        return List.of(
                Route.get("/", FILES).withAccess(Route.Access.OPEN),
                Route.get("/{path*}", FILES).withAccess(Route.Access.OPEN));
    }
}
