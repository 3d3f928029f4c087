package dev.preceptor.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML and SVG, tag by tag. Every text and every value of an attribute is escaped here and nowhere else, so that a subject's
 * name stays a name whatever is in it. For one thread.
 */
final class HtmlWriter {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens a tag; the attributes are names and values in turn. */
    HtmlWriter open(String tag, Object... attributes) {
        tag(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    /** Closes the tag opened last. */
    HtmlWriter close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** A tag without content. */
    HtmlWriter empty(String tag, Object... attributes) {
        tag(tag, attributes);
        out.append("/>");
        return this;
    }

    /** A tag around a text. */
    HtmlWriter leaf(String tag, String text, Object... attributes) {
        return open(tag, attributes).text(text).close();
    }

    /** A text. */
    HtmlWriter text(String text) {
        escape(text);
        return this;
    }

    /** A line break in the source, for whoever reads it. */
    HtmlWriter line() {
        out.append('\n');
        return this;
    }

    /** What is markup, style or script already: files of ours alone. */
    HtmlWriter verbatim(String own) {
        out.append(own);
        return this;
    }

    /** Everything; no tag may be open. */
    String finish() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("still open: " + open);
        }
        return out.toString();
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
