package dev.preceptor.html;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Writes HTML and SVG tag by tag. It alone escapes texts and values of attributes, and it escapes all of them, so that the name
 * of a subject is never read as markup. Not thread-safe.
 */
public final class HtmlWriter {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens a tag; the attributes are names and values in turn. */
    public HtmlWriter open(String tag, Object... attributes) {
        tag(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    /** Closes the tag opened last. */
    public HtmlWriter close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** A tag without content. */
    public HtmlWriter empty(String tag, Object... attributes) {
        tag(tag, attributes);
        out.append("/>");
        return this;
    }

    /** A tag around a text. */
    public HtmlWriter leaf(String tag, String text, Object... attributes) {
        return open(tag, attributes).text(text).close();
    }

    /** A text. */
    public HtmlWriter text(String text) {
        escape(text);
        return this;
    }

    /** A line break in the source of the page. */
    public HtmlWriter line() {
        out.append('\n');
        return this;
    }

    /** Markup, style or script, unescaped: for text of the project alone, never for input. */
    public HtmlWriter verbatim(String own) {
        out.append(own);
        return this;
    }

    /**
     * The whole text.
     *
     * @throws IllegalStateException if a tag is open
     */
    public String finish() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("still open: " + open);
        }
        return out.toString();
    }

    /** A coordinate of SVG in pixels, with one decimal at most. */
    public static String coordinate(double pixels) {
        String text = String.format(Locale.ROOT, "%.1f", pixels);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private void tag(String tag, Object... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(String.valueOf(attributes[i + 1]));
            out.append('"');
        }
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n', '\t' -> out.append(c);
                default -> out.append(c < ' ' || c == 0x7f ? '\ufffd' : c);
            }
        }
    }
}
