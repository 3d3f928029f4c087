package dev.preceptor.http;

import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.content.ResourceHttpContent;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ResourceService;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.util.resource.ResourceFactory;

/**
 * Answers with files and with resources of the class path: byte ranges (206, 416), conditions, and no thread that waits for a slow reader.
 * For any number of threads.
 */
final class FileResponses {
    private final ResourceService service = new ResourceService();
    private final ResourceFactory factory;
    private final ByteBufferPool.Sized buffers;
    private final Map<URL, Resource> resources = new ConcurrentHashMap<>();

    /** @param server that closes the archives of resources when it stops */
    FileResponses(Server server) {
        factory = ResourceFactory.of(server);
        buffers = new ByteBufferPool.Sized(server.getByteBufferPool(), false, 1 << 16);
        service.setAcceptRanges(true);
        service.setDirAllowed(false);
        service.setEtags(true);
        server.addBean(service);
    }

    void file(Path file, String contentType, Request request, Response response, Callback callback) {
        Resource resource = factory.newResource(file.toAbsolutePath());
        send(resource, contentType, request, response, callback);
    }

    void resource(URL url, String contentType, Request request, Response response, Callback callback) {
        Resource resource = resources.computeIfAbsent(url, factory::newResource);
        send(resource, contentType, request, response, callback);
    }

    private void send(Resource resource, String contentType, Request request, Response response, Callback callback) {
        if (resource == null || !resource.exists() || resource.isDirectory()) {
            throw new HttpStatusException(404, "there is no such file");
        }
        service.doGet(request, response, callback, new ResourceHttpContent(resource, contentType, buffers));
    }
}
