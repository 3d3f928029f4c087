package dev.preceptor.base;

/** A recipe, study or option with an unknown key, a value out of range or a contradiction. */
public final class InvalidRecipeException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    /** @param message which file or subject is at fault, what is wrong and how to correct it; see {@link PreceptorException} */
    public InvalidRecipeException(String message) {
        super(message);
    }

    /**
     * @param message as above
     * @param cause the error behind it
     */
    public InvalidRecipeException(String message, Throwable cause) {
        super(message, cause);
    }
}
