package dev.preceptor.base;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths that stand in recipes and studies. Stateless. */
public final class PathText {
    private PathText() {}

    /**
     * The path that a text names.
     *
     * @throws InvalidRecipeException if no file can have this name
     */
    public static Path parse(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InvalidRecipeException("\"" + text + "\" cannot be the path of a file", e);
        }
    }
}
