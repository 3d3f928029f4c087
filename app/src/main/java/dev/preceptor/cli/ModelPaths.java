package dev.preceptor.cli;

import dev.preceptor.base.MismatchException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Paths of models as an option lists them. A comma stands between two of them, and a path may hold commas itself. */
final class ModelPaths {
    private ModelPaths() {}

    /**
     * The models of all values of the option. Where a value can be cut at its commas in one way so that every part is there,
     * that one is meant.
     *
     * @throws MismatchException if it can be cut in several such ways
     */
    static List<Path> of(List<String> values) {
        List<Path> paths = new ArrayList<>();
        values.forEach(value -> paths.addAll(cut(value)));
        return paths;
    }

    private static List<Path> cut(String value) {
        String[] parts = value.split(",", -1);
        // The first two ways to cut the parts from each place to the end; two are enough to know that it is not one.
        List<List<List<Path>>> ways = new ArrayList<>();
        for (int i = 0; i <= parts.length; i++) {
            ways.add(new ArrayList<>());
        }
        ways.get(parts.length).add(List.of());
        for (int from = parts.length - 1; from >= 0; from--) {
            StringBuilder name = new StringBuilder();
            for (int to = from + 1; to <= parts.length && ways.get(from).size() < 2; to++) {
                name.append(to == from + 1 ? "" : ",").append(parts[to - 1]);
                if (ways.get(to).isEmpty() || name.isEmpty() || !Files.exists(Path.of(name.toString()))) {
                    continue;
                }
                for (List<Path> rest : ways.get(to)) {
                    List<Path> way = new ArrayList<>(List.of(Path.of(name.toString())));
                    way.addAll(rest);
                    ways.get(from).add(way);
                }
            }
        }
        List<List<Path>> found = ways.get(0);
        if (found.isEmpty()) {
            // The reader names the file that is missing.
            return List.of(value.split(",")).stream().map(Path::of).toList();
        }
        if (found.size() > 1) {
            throw new MismatchException("--model " + value + ": could mean " + found.get(0) + " or " + found.get(1)
                    + ", for all of these are there; rename the one whose name holds a comma");
        }
        return found.get(0);
    }
}
