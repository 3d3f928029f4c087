package dev.preceptor.base;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * Describes the cause of an error reported by Java or a library in words for users. Every message that includes such a
 * cause takes it from here, so that no class names and no texts of libraries reach a user. Stateless, thread-safe.
 */
public final class Reason {
    private Reason() {}

    /** The cause in a few words without a full stop, to be read after "cannot be read: ". */
    public static String of(Throwable e) {
        if (e instanceof PreceptorException) {
            return e.getMessage();
        }
        if (e instanceof UncheckedIOException unchecked) {
            return of(unchecked.getCause());
        }
        if (e instanceof JacksonException jackson) {
            return of(jackson);
        }
        return e instanceof IOException io ? of(io) : text(e);
    }

    private static String of(IOException e) {
        if (e instanceof FileSystemException file) {
            return of(file);
        }
        if (e instanceof CharacterCodingException) {
            return "it is not text in UTF-8";
        }
        if (e instanceof EOFException) {
            return "it ends unexpectedly";
        }
        if (e instanceof ClosedByInterruptException) {
            return "interrupted";
        }
        if (e instanceof UnknownHostException) {
            return "the host name is unknown";
        }
        if (e instanceof SocketTimeoutException || e instanceof HttpTimeoutException) {
            return "no response within the time limit";
        }
        if (e instanceof ConnectException && e.getMessage() == null) {
            return "cannot be reached";
        }
        return text(e);
    }

    private static String of(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file of this name already exists";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "the folder is not empty";
        }
        if (e instanceof NotDirectoryException) {
            return "it is not a folder";
        }
        if (e instanceof FileSystemLoopException) {
            return "a link points back to a folder above it";
        }
        return e.getReason() == null ? "the operating system refuses it" : e.getReason();
    }

    /** Where a parser stopped, as in {@code " at line 3, column 7"}; empty if the position is unknown. */
    public static String at(JacksonException e) {
        TokenStreamLocation location = e.getLocation();
        if (location == null || location.getLineNr() < 1) {
            return "";
        }
        return " at line " + location.getLineNr()
                + (location.getColumnNr() < 1 ? "" : ", column " + location.getColumnNr());
    }

    private static String of(JacksonException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof PreceptorException own) {
                return own.getMessage();
            }
            if (cause instanceof IOException io) {
                return of(io);
            }
        }
        if (e instanceof UnrecognizedPropertyException unknown) {
            return "the key \"" + unknown.getPropertyName() + "\" is unknown" + known(unknown.getKnownPropertyIds());
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return "it must be " + expected(mismatch.getTargetType());
        }
        if (e instanceof InputCoercionException coercion && coercion.getTargetType() != null) {
            return "it must be " + expected(coercion.getTargetType()) + " within the supported range";
        }
        return "it cannot be understood" + at(e);
    }

    private static String known(Collection<Object> keys) {
        return keys == null || keys.isEmpty()
                ? ""
                : "; known here: " + keys.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    /** Describes the values of a type, to be read after "must be". */
    static String expected(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class || type == float.class || type == Float.class) {
            return "a number";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        if (type.isRecord()) {
            return "a block of the keys "
                    + Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getName)
                            .collect(Collectors.joining(", "));
        }
        if (type.isArray() || Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return CharSequence.class.isAssignableFrom(type) ? "a text" : "a value of another type";
    }

    /** The first line of a message, without the class name with which some messages begin. */
    private static String text(Throwable e) {
        String line = ErrorLine.first(e.getMessage()).replaceFirst("^([a-z0-9_]+\\.)+[A-Z][A-Za-z0-9_$]*: ", "");
        return e.getMessage() == null || line.isEmpty() ? "no reason given" : line;
    }
}
