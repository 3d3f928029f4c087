package dev.preceptor.cli;

import dev.preceptor.base.MismatchException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The paths of models in an option. Commas separate them, and a path may contain commas. */
final class ModelPaths {
    private ModelPaths() {}

    /**
     * The models in all values of the option. A value is split at its commas so that every part exists.
     *
     * @throws MismatchException if a value can be split so in several ways
     */
    static List<Path> of(List<String> values) {
        List<Path> paths = new ArrayList<>();
        values.forEach(value -> paths.addAll(split(value)));
        return paths;
    }

    private static List<Path> split(String value) {
        String[] parts = value.split(",", -1);
        // At most two ways to split the parts from each index to the end; two suffice to recognise ambiguity.
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
            // ModelFile.read names the missing file.
            return List.of(value.split(",")).stream().map(Path::of).toList();
        }
        if (found.size() > 1) {
            throw new MismatchException("--model " + value + ": could mean " + found.get(0) + " or " + found.get(1)
                    + ", for all of these exist; rename the one whose name contains a comma");
        }
        return found.get(0);
    }
}
