package dev.preceptor.parallel;

import dev.preceptor.base.PreceptorException;

/** Another rank ended, failed or sends no heartbeat, so that training cannot continue on this one. */
public final class LostRankException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    LostRankException(String message, Throwable cause) {
        super(message, cause);
    }
}
