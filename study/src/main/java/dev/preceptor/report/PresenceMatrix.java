package dev.preceptor.report;

import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Optional;

/**
 * Which subject has which files: a row for each subject, a column for each sequence and one for the label maps.
 *
 * @param views the rows
 * @param sequences the columns
 */
record PresenceMatrix(List<SubjectView> views, List<Sequence> sequences) implements Block {
    @Override
    public void render(HtmlWriter page) {
        page.open("div", "class", "key", "aria-hidden", "true");
        for (FileState state : FileState.values()) {
            page.open("span").leaf("i", state.sign(), "class", "sign " + state.word());
            page.text(" " + state.word()).close();
        }
        page.close().line();
        page.open("div", "class", "table matrix", "tabindex", "0", "role", "region", "aria-label", "files by subject");
        page.open("table")
                .leaf("caption", "Files by subject", "class", "hidden")
                .line();
        page.open("thead").open("tr").leaf("th", "subject", "scope", "col");
        sequences.forEach(sequence -> page.leaf("th", sequence.name(), "scope", "col"));
        page.leaf("th", "labels", "scope", "col").close().close().line();
        page.open("tbody").line();
        for (SubjectView view : views) {
            page.open("tr").leaf("th", view.subject().id(), "scope", "row");
            sequences.forEach(sequence -> cell(page, view.image(sequence), view.fault(sequence)));
            cell(page, view.labels(), view.labelFault());
            page.close().line();
        }
        page.close().close().close().line();
    }

    private static void cell(HtmlWriter page, FileState state, Optional<String> fault) {
        if (fault.isPresent()) {
            page.open("td", "class", state.word(), "title", fault.get());
        } else {
            page.open("td", "class", state.word());
        }
        page.leaf("span", state.sign(), "class", "sign " + state.word(), "aria-hidden", "true");
        page.leaf("span", state.word(), "class", "hidden").close();
    }
}
