package dev.preceptor.base;

/** A recipe, study or option that says something impossible: an unknown key, a value out of range, a contradiction. */
public final class InvalidRecipeException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    public InvalidRecipeException(String message) {
        super(message);
    }

    public InvalidRecipeException(String message, Throwable cause) {
        super(message, cause);
    }
}
