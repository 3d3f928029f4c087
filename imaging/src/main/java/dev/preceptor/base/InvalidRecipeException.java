package dev.preceptor.base;

/** A recipe, study or option with an unknown key, a value out of range or a contradiction. */
public final class InvalidRecipeException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    public InvalidRecipeException(String message) {
        super(message);
    }

    public InvalidRecipeException(String message, Throwable cause) {
        super(message, cause);
    }
}
