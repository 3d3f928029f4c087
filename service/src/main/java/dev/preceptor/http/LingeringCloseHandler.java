package dev.preceptor.http;

import java.time.Duration;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Reads what a request still sends after its response, and discards it. A connection that is closed with unread bytes is reset, and the sender
 * may lose the response that says why its body is refused (RFC 9112, section 9.6).
 */
final class LingeringCloseHandler extends Handler.Wrapper {
    private final Duration limit;

    /**
     * @param handler answers
     * @param limit after the response, when the connection is closed whatever is still to come
     */
    LingeringCloseHandler(Handler handler, Duration limit) {
        super(handler);
        this.limit = limit;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        return super.handle(request, response, new Discarding(request, callback));
    }

    /** Discards the rest of a body before it completes the request. */
    private final class Discarding extends Callback.Nested implements Runnable {
        private final Request request;
        private long end;

        Discarding(Request request, Callback callback) {
            super(callback);
            this.request = request;
        }

        @Override
        public void succeeded() {
            end = System.nanoTime() + limit.toNanos();
            run();
        }

        @Override
        public void run() {
            while (System.nanoTime() < end) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    request.demand(this);
                    return;
                }
                chunk.release();
                if (chunk.isLast() || Content.Chunk.isFailure(chunk)) {
                    break;
                }
            }
            super.succeeded();
        }
    }
}
