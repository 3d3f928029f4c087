package dev.preceptor.leakage;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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

    private static final Pattern ID_COLUMN = Pattern.compile("(?i).*(subject|(\\b|_)ids?\\b).*");
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
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read as a table in UTF-8: " + AtomicFiles.reason(e), e);
        }
        List<String> header = lines.isEmpty() ? List.of() : fields(lines.get(0).replace("\uFEFF", ""));
        List<Integer> columns = new ArrayList<>();
        for (int i = 0; i < header.size(); i++) {
            if (ID_COLUMN.matcher(header.get(i)).matches()) {
                columns.add(i);
            }
        }
        if (columns.size() < 2) {
            throw new InvalidFileException(
                    file,
                    "is not a name mapping: at least two columns must have \"subject\" or \"ID\" in their headers, which are "
                            + header);
        }
        Map<String, Set<String>> groups = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            Set<String> names = new TreeSet<>();
            List<String> fields = fields(line);
            for (int column : columns) {
                String name = column < fields.size() ? fields.get(column) : "";
                if (!ABSENT.contains(name.toLowerCase(Locale.ROOT))) {
                    names.add(name);
                    names.addAll(groups.getOrDefault(name, Set.of()));
                }
            }
            if (names.size() > 1) {
                names.forEach(name -> groups.put(name, names));
            }
        }
        return new NameMapping(groups);
    }

    /** All ids of the patient with this id, this one included. */
    public Set<String> namesOf(String id) {
        Set<String> names = new HashSet<>(groups.getOrDefault(id, Set.of()));
        names.add(id);
        return names;
    }

    /** The fields of a line, separated by tabs, else by semicolons, else by commas; quotes around a field are removed. */
    private static List<String> fields(String line) {
        String divider = line.contains("\t") ? "\t" : line.contains(";") ? ";" : ",";
        List<String> fields = new ArrayList<>();
        for (String field : line.split(divider, -1)) {
            fields.add(field.strip().replaceAll("^\"|\"$", "").strip());
        }
        return fields;
    }
}
