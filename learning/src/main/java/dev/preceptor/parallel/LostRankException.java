package dev.preceptor.parallel;

import dev.preceptor.base.PreceptorException;

/** Another process of the training ended, failed or fell silent; this one cannot go on without it. */
public final class LostRankException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    LostRankException(String message, Throwable cause) {
        super(message, cause);
    }
}
