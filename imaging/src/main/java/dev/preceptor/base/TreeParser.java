package dev.preceptor.base;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Parses JSON or YAML into a tree. A key that stands twice in one block is refused: readers disagree on which of the two
 * counts. Stateless, thread-safe.
 */
public final class TreeParser {
    private static final int LONGEST_KEY = 80;

    private final ObjectMapper mapper;
    private final String language;
    private final String hint;

    /**
     * @param mapper parses one document
     * @param language its name, for messages
     * @param hint what to look for where parsing stops, to be read after "is not valid YAML at line 3"; may be empty
     */
    public TreeParser(ObjectMapper mapper, String language, String hint) {
        this.mapper = mapper;
        this.language = language;
        this.hint = hint;
    }

    /**
     * The tree of a text; a missing node if the text is blank.
     *
     * @throws PreceptorException without the name of a file, if the text cannot be parsed or has a key twice, with the lines
     */
    public JsonNode parse(String text) {
        try (JsonParser parser = mapper.createParser(text)) {
            requireDistinctKeys(parser);
            return mapper.readTree(text);
        } catch (StreamConstraintsException e) {
            throw new PreceptorException(
                    "holds more than is read of " + language
                            + ": blocks too deep in each other, or a name or number too long",
                    e);
        } catch (JacksonException e) {
            throw new PreceptorException("is not valid " + language + Reason.at(e) + hint, e);
        }
    }

    private static void requireDistinctKeys(JsonParser parser) {
        Deque<Map<String, TokenStreamLocation>> blocks = new ArrayDeque<>();
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            switch (token) {
                case START_OBJECT -> blocks.push(new HashMap<>());
                case END_OBJECT -> blocks.pop();
                case PROPERTY_NAME -> {
                    TokenStreamLocation here = parser.currentTokenLocation();
                    TokenStreamLocation before = blocks.element().put(parser.currentName(), here);
                    if (before != null) {
                        throw new PreceptorException("'" + shortened(parser.currentName()) + "' is there twice ("
                                + places(before, here) + "); keep one of them");
                    }
                }
                default -> {
                    // Values have no names.
                }
            }
        }
    }

    private static String shortened(String key) {
        return key.length() <= LONGEST_KEY ? key : key.substring(0, LONGEST_KEY) + "...";
    }

    private static String places(TokenStreamLocation first, TokenStreamLocation second) {
        return first.getLineNr() == second.getLineNr()
                ? "line " + first.getLineNr() + ", columns " + first.getColumnNr() + " and " + second.getColumnNr()
                : "lines " + first.getLineNr() + " and " + second.getLineNr();
    }
}
