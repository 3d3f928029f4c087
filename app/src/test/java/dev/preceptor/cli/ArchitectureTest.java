package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The two walks of docs/architecture.md name classes and methods that exist. */
class ArchitectureTest {
    private static final Path PAGE = Path.of("..", "docs", "architecture.md");
    private static final Pattern STATION = Pattern.compile("\\| (\\d+) \\| `([a-z]+)\\.([A-Z]\\w*)\\.(\\w+)` \\|.*");
    private static final int MOST_STATIONS = 12;

    @Test
    void eachWalkHasAtMostTwelveStationsInOrderAndEachStationExists() throws IOException {
        List<Integer> lengths = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher station = STATION.matcher(line);
            if (!station.matches()) {
                continue;
            }
            int number = Integer.parseInt(station.group(1));
            if (number == 1) {
                lengths.add(0);
            }
            int walk = lengths.size() - 1;
            assertEquals(lengths.get(walk) + 1, number, line);
            lengths.set(walk, number);
            assertTrue(exists(station.group(2) + "." + station.group(3), station.group(4)), line);
        }
        assertEquals(2, lengths.size(), "walks");
        assertTrue(lengths.stream().allMatch(length -> length >= 8 && length <= MOST_STATIONS), lengths::toString);
    }

    private static boolean exists(String type, String method) {
        try {
            Class<?> found = Class.forName("dev.preceptor." + type, false, ArchitectureTest.class.getClassLoader());
            return Arrays.stream(found.getDeclaredMethods())
                    .anyMatch(declared -> declared.getName().equals(method));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
