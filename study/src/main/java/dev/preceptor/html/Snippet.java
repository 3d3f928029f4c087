package dev.preceptor.html;

/**
 * A text with a button that copies it to the clipboard.
 *
 * @param name of the text
 * @param text as it is copied
 */
public record Snippet(String name, String text) implements Block {
    @Override
    public void render(HtmlWriter page) {
        page.open("details", "class", "snippet");
        page.leaf("summary", name).line();
        page.open("div", "class", "paste");
        page.leaf("button", "Copy", "type", "button", "class", "copy", "aria-label", "Copy " + name);
        page.leaf("pre", text, "tabindex", "0");
        page.close().close().line();
    }
}
