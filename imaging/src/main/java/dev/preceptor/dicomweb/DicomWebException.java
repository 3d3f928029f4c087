package dev.preceptor.dicomweb;

import dev.preceptor.base.PreceptorException;
import java.time.Duration;

/** A request that a PACS refused or did not answer. The message contains neither secrets nor anything about patients. */
public final class DicomWebException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final boolean isTransient;
    private final Duration retryAfter;

    private DicomWebException(String message, int status, boolean isTransient, Duration retryAfter, Throwable cause) {
        super(message, cause);
        this.status = status;
        this.isTransient = isTransient;
        this.retryAfter = retryAfter;
    }

    /** A response with a status that says no. */
    static DicomWebException withStatus(String message, int status, boolean isTransient, Duration retryAfter) {
        return new DicomWebException(message, status, isTransient, retryAfter, null);
    }

    /** No response, or one that cannot be used. */
    static DicomWebException withoutResponse(String message, boolean isTransient, Throwable cause) {
        return new DicomWebException(message, 0, isTransient, Duration.ZERO, cause);
    }

    /** The HTTP status of the response; 0 if there was no usable response. */
    public int status() {
        return status;
    }

    /** Whether the same request may succeed later: the PACS was not reached, broke off, or said that it is busy. */
    public boolean isTransient() {
        return isTransient;
    }

    Duration retryAfter() {
        return retryAfter;
    }
}
