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
 * Parses JSON or YAML into a tree. A key that occurs twice in one object is refused, because parsers disagree on which
 * value counts. Stateless, thread-safe.
 */
public final class TreeParser {
    private static final int MAX_KEY_LENGTH = 80;

    private final ObjectMapper mapper;
    private final String language;
    private final String hint;

    /**
     * @param mapper parses one document
     * @param language the name of the format for messages
     * @param hint a remark that follows "is not valid YAML at line 3"; may be empty
     */
    public TreeParser(ObjectMapper mapper, String language, String hint) {
        this.mapper = mapper;
        this.language = language;
        this.hint = hint;
    }

    /**
     * The tree of a text; a missing node if the text is blank.
     *
     * @throws PreceptorException with the lines but without a file name, if the text is not valid or repeats a key
     */
    public JsonNode parse(String text) {
        try (JsonParser parser = mapper.createParser(text)) {
            requireDistinctKeys(parser);
            return mapper.readTree(text);
        } catch (StreamConstraintsException e) {
            throw new PreceptorException(
                    "exceeds the limits for " + language
                            + ": blocks are nested too deeply, or a name or number is too long",
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
                    TokenStreamLocation earlier = blocks.element().put(parser.currentName(), here);
                    if (earlier != null) {
                        throw new PreceptorException("'" + shortened(parser.currentName()) + "' is there twice ("
                                + positions(earlier, here) + "); keep one of them");
                    }
                }
                default -> {
                    // Only keys are compared.
                }
            }
        }
    }

    private static String shortened(String key) {
        return key.length() <= MAX_KEY_LENGTH ? key : key.substring(0, MAX_KEY_LENGTH) + "...";
    }

    private static String positions(TokenStreamLocation first, TokenStreamLocation second) {
        return first.getLineNr() == second.getLineNr()
                ? "line " + first.getLineNr() + ", columns " + first.getColumnNr() + " and " + second.getColumnNr()
                : "lines " + first.getLineNr() + " and " + second.getLineNr();
    }
}
