package dev.preceptor.cli;

import dev.preceptor.spark.Place;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/** Reads a path, or a URI as a path that still tells its host from its first folder. */
final class PlacePath implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
        return Place.path(text);
    }
}
