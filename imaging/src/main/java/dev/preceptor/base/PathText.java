package dev.preceptor.base;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Parses paths given as text in recipes and studies. Stateless, thread-safe. */
public final class PathText {
    private PathText() {}

    /**
     * The path that a text names; the file need not exist.
     *
     * @throws InvalidRecipeException if the file system allows no such name
     */
    public static Path parse(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InvalidRecipeException("\"" + text + "\" cannot be the path of a file", e);
        }
    }
}
