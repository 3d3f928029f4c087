package dev.preceptor.html;

import java.util.List;

/** A part of a page's section. Other packages add blocks of their own. */
public interface Block {
    /** Writes the block into a page; every tag that it opens it closes. */
    void render(HtmlWriter page);

    /** A paragraph. */
    record Note(String text) implements Block {
        @Override
        public void render(HtmlWriter page) {
            page.leaf("p", text, "class", "note").line();
        }
    }

    /** A paragraph that stands out. */
    record Warning(String text) implements Block {
        @Override
        public void render(HtmlWriter page) {
            page.leaf("p", text, "class", "warning", "role", "note").line();
        }
    }

    /** Blocks that unfold from a line; a printed page shows them unfolded. */
    record Details(String title, boolean isOpen, List<Block> blocks) implements Block {
        public Details {
            blocks = List.copyOf(blocks);
        }

        @Override
        public void render(HtmlWriter page) {
            if (isOpen) {
                page.open("details", "open", "");
            } else {
                page.open("details");
            }
            page.leaf("summary", title).line();
            blocks.forEach(block -> block.render(page));
            page.close().line();
        }
    }

    /**
     * A part of a live page that a script replaces when its version has changed.
     *
     * @param content HTML, which is not escaped again
     */
    record Live(String id, long version, String content) implements Block {
        @Override
        public void render(HtmlWriter page) {
            page.open("div", "class", "live", "id", id, "data-version", version)
                    .verbatim(content)
                    .close()
                    .line();
        }
    }

    /** Blocks side by side where the page is wide enough. */
    record SideBySide(List<Block> blocks) implements Block {
        public SideBySide {
            blocks = List.copyOf(blocks);
        }

        @Override
        public void render(HtmlWriter page) {
            page.open("div", "class", "plots").line();
            blocks.forEach(block -> block.render(page));
            page.close().line();
        }
    }
}
