package dev.preceptor.base;

/** Two things that are each in order but do not fit together: a model and an input, two masks on different grids. */
public final class MismatchException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    public MismatchException(String message) {
        super(message);
    }
}
