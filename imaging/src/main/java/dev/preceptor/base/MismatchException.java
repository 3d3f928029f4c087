package dev.preceptor.base;

/**
 * Two inputs that are valid on their own but do not fit together, such as a model and an image, or two masks on
 * different grids.
 */
public final class MismatchException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    /** @param message which file or subject is at fault, what is wrong and how to correct it; see {@link PreceptorException} */
    public MismatchException(String message) {
        super(message);
    }
}
