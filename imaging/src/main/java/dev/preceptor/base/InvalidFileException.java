package dev.preceptor.base;

import java.nio.file.Path;

/** A file that cannot be read, is broken, or is not what its reader expects; nothing of it was used. */
public final class InvalidFileException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    /**
     * @param file the file at fault; the message starts with it
     * @param problem what is wrong and, where there is one, the remedy
     */
    public InvalidFileException(Path file, String problem) {
        this(file, problem, null);
    }

    public InvalidFileException(Path file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
        this.file = file;
    }

    /** The file at fault. */
    public Path file() {
        return file;
    }
}
