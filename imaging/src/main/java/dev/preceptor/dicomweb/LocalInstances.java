package dev.preceptor.dicomweb;

import java.nio.file.Path;
import java.util.List;

/** x */
public record LocalInstances(List<LocalInstance> instances, List<Path> others) {
    public static LocalInstances at(List<Path> inputs) {
        return new LocalInstances(List.of(), List.of());
    }
}
