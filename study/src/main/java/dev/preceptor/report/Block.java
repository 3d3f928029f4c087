package dev.preceptor.report;

import java.util.List;

/** Something that stands in a section of a report. */
public sealed interface Block
        permits Block.Note,
                Block.Warning,
                Block.Fold,
                Block.Row,
                Block.Live,
                ProgressBlock,
                Table,
                Snippet,
                Curves,
                PairedPlot,
                ReliabilityPlot,
                Gallery {
    /** Adds it to a page. */
    void render(HtmlWriter page);

    /** A paragraph. */
    record Note(String text) implements Block {
        @Override
        public void render(HtmlWriter page) {
            page.leaf("p", text, "class", "note").line();
        }
    }

    /** What nobody may overlook. */
    record Warning(String text) implements Block {
        @Override
        public void render(HtmlWriter page) {
            page.leaf("p", text, "class", "warning", "role", "note").line();
        }
    }

    /** Blocks behind a line that opens them; a printed page shows them all. */
    record Fold(String title, boolean isOpen, List<Block> blocks) implements Block {
        public Fold {
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

    /** A part of a page that a script exchanges while it is looked at; its content is markup already. */
    record Live(String id, long version, String content) implements Block {
        @Override
        public void render(HtmlWriter page) {
            page.open("div", "class", "live", "id", id, "data-version", version)
                    .verbatim(content)
                    .close()
                    .line();
        }
    }

    /** Plots side by side where there is room. */
    record Row(List<Block> blocks) implements Block {
        public Row {
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
