package dev.preceptor.http;

import java.net.URL;

/**
 * Answers with the resources in a folder of the class path. The name is the parameter {@code path} of the route; a route without it gets
 * {@code index.html}. Immutable, for any number of threads.
 */
public final class StaticFiles implements RouteHandler {
    private final Class<?> anchor;
    private final String folder;

    /**
     * @param anchor a class in the package above the folder
     * @param folder its name, such as {@code page}
     */
    public StaticFiles(Class<?> anchor, String folder) {
        this.anchor = anchor;
        this.folder = folder;
    }

    @Override
    public void handle(Exchange exchange) {
        String name = exchange.hasParameter("path") ? exchange.parameter("path") : "index.html";
        URL url = anchor.getResource(folder + "/" + name);
        if (url == null || name.endsWith(".class")) {
            throw new HttpStatusException(404, "there is nothing at this address");
        }
        exchange.resource(url, ContentTypes.of(name));
    }
}
