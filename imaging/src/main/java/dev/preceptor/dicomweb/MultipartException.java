package dev.preceptor.dicomweb;

import java.io.IOException;

/**
 * A multipart body that cannot be read. The message is a clause without a subject, to be read after the name of the sender,
 * and repeats nothing from the body. A server answers {@link Fault#LIMIT} with 413 and the other two with 400; a client may
 * repeat a request whose response is {@link Fault#TRUNCATED}.
 */
public final class MultipartException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Fault fault;

    /** What is wrong with a body. */
    public enum Fault {
        /** It does not follow the format. */
        MALFORMED,
        /** It ends before its closing boundary. */
        TRUNCATED,
        /** It exceeds one of the {@link MultipartLimits}. */
        LIMIT
    }

    MultipartException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    /** What is wrong. */
    public Fault fault() {
        return fault;
    }
}
