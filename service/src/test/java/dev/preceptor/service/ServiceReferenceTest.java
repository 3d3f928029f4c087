package dev.preceptor.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.base.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code docs/reference/service.md} says what {@code openapi.yaml} says; {@code -Dpreceptor.docs=write} writes the page. */
class ServiceReferenceTest {
    private static final Path REFERENCE =
            Path.of(System.getProperty("preceptor.root", "..")).resolve("docs/reference/service.md");

    private final StringBuilder page = new StringBuilder();
    private JsonNode document;

    @Test
    void thePageSaysWhatTheDocumentSays() throws IOException {
        try (InputStream in = ServiceReferenceTest.class.getResourceAsStream("openapi.yaml")) {
            document = YAMLMapper.builder().build().readTree(in.readAllBytes());
        }
        page.append("# Interface of the service\n\n")
                .append(document.at("/info/summary").asString());
        page.append(
                " This page is generated from `openapi.yaml`, which the service answers at `/openapi.yaml`; do not edit it.\n"
                        + "The [guide](../guide/hospital.md#service) explains it with examples.\n\n");
        page.append(document.at("/info/description").asString().strip()).append("\n");
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (!operation.getKey().equals("parameters")) {
                        operation(operation.getKey(), path.getKey(), path.getValue(), operation.getValue());
                    }
                }));
        page.append("\n## Objects\n");
        document.at("/components/schemas").properties().forEach(this::schema);
        String text = page.toString();
        if (System.getProperty("preceptor.docs", "").equals("write")) {
            AtomicFiles.writeString(REFERENCE, text);
        }
        assertEquals(
                text,
                Files.exists(REFERENCE) ? Files.readString(REFERENCE) : "",
                REFERENCE + " differs from openapi.yaml; run this test with -Dpreceptor.docs=write to update it");
    }

    private void operation(String method, String path, JsonNode shared, JsonNode operation) {
        page.append("\n## ")
                .append(method.toUpperCase(Locale.ROOT))
                .append(" ")
                .append(path)
                .append("\n\n");
        page.append(operation.path("summary").asString());
        page.append(operation.path("security").size() == 1 ? " Needs no token.\n" : "\n");
        String description = operation.path("description").asString("").strip();
        page.append(description.isEmpty() ? "" : "\n" + description + "\n");
        List<JsonNode> parameters = new ArrayList<>();
        shared.path("parameters").forEach(parameters::add);
        operation.path("parameters").forEach(parameters::add);
        if (!parameters.isEmpty()) {
            page.append("\n| parameter | in | meaning |\n|---|---|---|\n");
            parameters.stream()
                    .map(this::resolved)
                    .forEach(each -> row(
                            "`" + each.path("name").asString() + "`",
                            each.path("in").asString(),
                            each.path("description").asString()));
        }
        operation.path("requestBody").path("content").properties().forEach(content -> {
            page.append("\nBody `")
                    .append(content.getKey())
                    .append("`: ")
                    .append(type(content.getValue().path("schema")))
                    .append("\n");
            properties(content.getValue().path("schema"));
        });
        page.append("\n| status | answer |\n|---|---|\n");
        operation.path("responses").properties().forEach(answer -> {
            JsonNode response = resolved(answer.getValue());
            List<String> types = new ArrayList<>();
            response.path("content")
                    .properties()
                    .forEach(content -> types.add("`" + content.getKey() + "`: "
                            + type(content.getValue().path("schema"))));
            row(
                    answer.getKey(),
                    response.path("description").asString() + (types.isEmpty() ? "" : " " + String.join(", ", types)));
        });
    }

    private void schema(Map.Entry<String, JsonNode> schema) {
        page.append("\n### ").append(schema.getKey()).append("\n\n");
        String description = schema.getValue().path("description").asString("");
        page.append(description.isEmpty() ? "" : description + "\n");
        properties(schema.getValue());
    }

    private void properties(JsonNode schema) {
        if (schema.path("properties").isEmpty()) {
            return;
        }
        page.append("\n| field | type | meaning |\n|---|---|---|\n");
        rows("", schema);
    }

    private void rows(String prefix, JsonNode schema) {
        schema.path("properties").properties().forEach(property -> {
            JsonNode value = property.getValue();
            row(
                    "`" + prefix + property.getKey() + "`",
                    type(value),
                    value.path("description").asString("").strip());
            rows(prefix + property.getKey() + ".", value);
            rows(prefix + property.getKey() + "[].", value.path("items"));
        });
    }

    private void row(String... cells) {
        page.append("| ");
        page.append(String.join(
                " | ",
                List.of(cells).stream()
                        .map(cell -> cell.strip().replace('\n', ' '))
                        .toList()));
        page.append(" |\n");
    }

    private JsonNode resolved(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty() ? node : document.at(reference.substring(1));
    }

    private static String type(JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        if (!reference.isEmpty()) {
            String name = reference.substring(reference.lastIndexOf('/') + 1);
            return "[" + name + "](#" + name.toLowerCase(Locale.ROOT) + ")";
        }
        List<String> kinds = new ArrayList<>();
        schema.path("oneOf").forEach(kind -> kinds.add(type(kind)));
        if (!kinds.isEmpty()) {
            return String.join(" or ", kinds);
        }
        if (!schema.path("enum").isEmpty()) {
            schema.path("enum").forEach(value -> kinds.add(value.isNull() ? "null" : "`" + value.asString() + "`"));
            return String.join(", ", kinds);
        }
        if (schema.path("type").isArray()) {
            schema.path("type").forEach(kind -> kinds.add(kind.asString()));
            return String.join(" or ", kinds);
        }
        String kind = schema.path("type").asString("");
        String format = schema.path("format").asString("");
        return kind.equals("array")
                ? "list of " + type(schema.path("items"))
                : kind + (format.isEmpty() ? "" : " (" + format + ")");
    }
}
