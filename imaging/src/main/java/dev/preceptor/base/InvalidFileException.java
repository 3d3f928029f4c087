package dev.preceptor.base;

import java.nio.file.Path;

/** A file that cannot be read, is damaged, or is not of the expected format. The reader returns nothing of it. */
public final class InvalidFileException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    /** Enough for any message of a reader; a text that a file holds may have megabytes. */
    private static final int MAX_LENGTH = 1000;

    /**
     * @param file the file at fault; the message starts with its path
     * @param problem what is wrong and how to correct it, to be read after the path and a colon; cut beyond 1000 characters
     */
    public InvalidFileException(Path file, String problem) {
        this(file, problem, null);
    }

    /**
     * @param file the file at fault
     * @param problem as above
     * @param cause the error behind it; may be null
     */
    public InvalidFileException(Path file, String problem, Throwable cause) {
        super(file + ": " + shortened(problem), cause);
    }

    private static String shortened(String problem) {
        return problem == null || problem.length() <= MAX_LENGTH ? problem : problem.substring(0, MAX_LENGTH) + " ...";
    }
}
