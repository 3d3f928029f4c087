package dev.preceptor.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The document of the interface and the routes are the same. */
class OpenApiTest {
    private static final Set<String> METHODS = Set.of("get", "post", "delete");

    private static String text() throws IOException {
        try (InputStream in = OpenApiTest.class.getResourceAsStream("openapi.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static JsonNode document() throws IOException {
        return YAMLMapper.builder().build().readTree(text());
    }

    private static List<Route> routes() {
        return SegmentationService.routes(
                new ServiceRoutes(List.of(), null, null, null, null, null, null),
                new StowRoute(null, null, null, null, null),
                true);
    }

    @Test
    void eachRouteIsDescribedAndEachDescriptionHasARoute() throws IOException {
        Set<String> described = new TreeSet<>();
        document()
                .path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (METHODS.contains(operation.getKey())) {
                        described.add(operation.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
                    }
                }));
        Set<String> routes = new TreeSet<>();
        routes().forEach(route -> routes.add(route.method() + " " + route.template()));
        assertEquals(described, routes);
    }

    @Test
    void routesWithoutATokenAreThoseThatSayIt() throws IOException {
        JsonNode paths = document().path("paths");
        for (Route route : routes()) {
            boolean isOpen = paths.path(route.template())
                            .path(route.method().toLowerCase(java.util.Locale.ROOT))
                            .path("security")
                            .size()
                    == 1;
            assertEquals(route.access() != Route.Access.TOKEN, isOpen, route.template());
        }
    }

    @Test
    void parametersOfPathsAreDescribed() throws IOException {
        document().path("paths").properties().forEach(path -> {
            Matcher names = Pattern.compile("\\{([a-z]+)}").matcher(path.getKey());
            while (names.find()) {
                String text = path.getValue().path("parameters").toString();
                boolean isThere = text.contains("\"name\":\"" + names.group(1) + "\"")
                        || text.contains("#/components/parameters/" + names.group(1));
                assertTrue(isThere, path.getKey());
            }
        });
    }

    @Test
    void referencesLeadSomewhere() throws IOException {
        JsonNode document = document();
        Matcher references = Pattern.compile("\\$ref: \"#(/[^\"]+)\"").matcher(text());
        int count = 0;
        while (references.find()) {
            assertFalse(document.at(references.group(1)).isMissingNode(), references.group(1));
            count++;
        }
        assertTrue(count > 10);
    }
}
