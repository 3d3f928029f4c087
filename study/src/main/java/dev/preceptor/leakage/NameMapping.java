package dev.preceptor.leakage;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Sha256;
import dev.preceptor.base.TextFile;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The ids of one patient in the releases of different years, from a table as the organisers of BraTS publish it
 * ({@code name_mapping.csv}): a line for each patient, a column for each year.
 *
 * @param groups all ids of a patient by each of them; patients with one id are left out
 */
public record NameMapping(Map<String, Set<String>> groups) {
    /** No table: every patient has one id. */
    public static final NameMapping NONE = new NameMapping(Map.of());

    private static final int MOST_BYTES = 32 << 20;
    private static final Pattern ID_COLUMN = Pattern.compile("(?i)subject|(\\b|_)ids?\\b");
    private static final Set<String> ABSENT = Set.of("", "na", "n/a", "nan", "none", "-");

    public NameMapping {
        groups = Map.copyOf(groups);
    }

    /**
     * Reads a table.
     *
     * @throws InvalidFileException if it cannot be read, or fewer than two columns hold ids
     */
    public static NameMapping read(Path file) {
        List<String> lines = TextFile.read(file, MOST_BYTES).lines().toList();
        char divider = lines.isEmpty() ? ',' : divider(lines.get(0));
        List<String> header = lines.isEmpty() ? List.of() : fields(lines.get(0), divider);
        List<Integer> columns = new ArrayList<>();
        for (int i = 0; i < header.size(); i++) {
            if (ID_COLUMN.matcher(header.get(i)).find()) {
                columns.add(i);
            }
        }
        if (columns.size() < 2) {
            throw new InvalidFileException(
                    file,
                    "is not a name mapping: at least two columns must have \"subject\" or \"ID\" in their headers, which are "
                            + header);
        }
        Links links = new Links();
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = fields(line, divider);
            String first = null;
            for (int column : columns) {
                String name = composed(column < fields.size() ? fields.get(column) : "");
                if (ABSENT.contains(name.toLowerCase(Locale.ROOT))) {
                    continue;
                }
                if (first == null) {
                    first = name;
                } else {
                    links.join(first, name);
                }
            }
        }
        return new NameMapping(links.groups());
    }

    /** Names joined to groups, in a time that grows with their number. */
    private static final class Links {
        private final Map<String, String> parents = new LinkedHashMap<>();

        void join(String one, String other) {
            parents.put(root(one), root(other));
        }

        private String root(String name) {
            String at = name;
            String parent = parents.computeIfAbsent(at, n -> n);
            while (!parent.equals(at)) {
                // Each name passed is moved closer to its root.
                String further = parents.get(parent);
                parents.put(at, further);
                at = further;
                parent = parents.get(at);
            }
            return at;
        }

        /** The names of each group of two or more, by each of them. */
        Map<String, Set<String>> groups() {
            Map<String, Set<String>> members = new HashMap<>();
            for (String name : List.copyOf(parents.keySet())) {
                members.computeIfAbsent(root(name), r -> new TreeSet<>()).add(name);
            }
            Map<String, Set<String>> groups = new HashMap<>();
            members.values().stream()
                    .filter(names -> names.size() > 1)
                    .forEach(names -> names.forEach(name -> groups.put(name, names)));
            return groups;
        }
    }

    /** SHA-256 over the ids of the patients with several; empty if there is none. */
    public String hash() {
        return groups.isEmpty()
                ? ""
                : Sha256.of(new TreeSet<>(groups.values().stream()
                                .map(names -> String.join("\t", new TreeSet<>(names)))
                                .toList())
                        .toString());
    }

    /** All ids of the patient with this id, this one included. */
    public Set<String> namesOf(String id) {
        Set<String> names = new HashSet<>(groups.getOrDefault(composed(id), Set.of()));
        names.add(id);
        return names;
    }

    /** Ids are compared in Unicode's composed form (NFC). */
    private static String composed(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /** What separates the fields of a file with this header: tabs, else semicolons, else commas. */
    private static char divider(String header) {
        return header.contains("\t") ? '\t' : header.contains(";") ? ';' : ',';
    }

    /** The fields of a line; a divider within quotes belongs to its field, and the quotes are removed. */
    private static List<String> fields(String line, char divider) {
        List<String> fields = new ArrayList<>();
        boolean isQuoted = false;
        int begin = 0;
        for (int i = 0; i <= line.length(); i++) {
            if (i == line.length() || (line.charAt(i) == divider && !isQuoted)) {
                fields.add(line.substring(begin, i)
                        .strip()
                        .replaceAll("^\"|\"$", "")
                        .strip());
                begin = i + 1;
            } else if (line.charAt(i) == '"') {
                isQuoted = !isQuoted;
            }
        }
        return fields;
    }
}
