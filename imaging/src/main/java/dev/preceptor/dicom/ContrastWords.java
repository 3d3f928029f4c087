package dev.preceptor.dicom;

import java.util.List;
import java.util.Set;

/**
 * What the words of a description say about contrast agent. A plain word is used for one thing only; others are open: "post" may be
 * after surgery, "contrast" may be denied, and "without contrast" may be half of "with and without contrast".
 *
 * @param before whether a word says that the image is before contrast
 * @param after whether a word says that it is after contrast
 * @param isPlain whether a plain word says what the words say, and none says the opposite
 */
record ContrastWords(boolean before, boolean after, boolean isPlain) {
    private static final Set<String> BEFORE =
            Set.of("native", "nativ", "precontrast", "noncontrast", "unenhanced", "nonenhanced");
    private static final Set<String> AFTER = Set.of(
            "ce",
            "t1ce",
            "t1c",
            "t1gd",
            "gd",
            "gad",
            "gado",
            "gadolinium",
            "postcontrast",
            "c+",
            "+c",
            "+gd",
            "gd+",
            "+km",
            "km+");
    private static final Set<String> AGENT =
            Set.of("contrast", "contraste", "kontrast", "km", "ce", "gd", "gad", "gado", "gadolinium");
    private static final Set<String> DENYING = Set.of("without", "wo", "no", "non", "none", "ohne", "sans");
    private static final Set<String> EARLIER = Set.of("pre", "vor");
    private static final Set<String> LATER = Set.of("post", "nach");
    private static final Set<String> JOINING =
            Set.of("and", "und", "et", "with", "w", "mit", "avec", "iv", "i", "v", "the");
    private static final Set<String> EVENTS = Set.of(
            "op",
            "ops",
            "operative",
            "operation",
            "resection",
            "surg",
            "surgery",
            "surgical",
            "biopsy",
            "bx",
            "rt",
            "xrt",
            "rx",
            "radiation",
            "radio",
            "chemo",
            "therapy",
            "treatment",
            "tx",
            "proc",
            "processed",
            "processing");

    /**
     * Reads descriptions.
     *
     * @param texts the words of each, in lower case and in their order
     */
    static ContrastWords of(List<List<String>> texts) {
        Reading reading = new Reading();
        texts.forEach(reading::add);
        boolean before = reading.plainBefore || reading.openBefore;
        boolean after = reading.plainAfter || reading.openAfter;
        return new ContrastWords(before, after, before != after && (before ? reading.plainBefore : reading.plainAfter));
    }

    private static final class Reading {
        private boolean plainBefore;
        private boolean openBefore;
        private boolean plainAfter;
        private boolean openAfter;

        void add(List<String> words) {
            int at = 0;
            while (at < words.size()) {
                at = word(words, at);
            }
        }

        /** Reads the word, or the words up to an agent, at an index; returns the index behind. */
        private int word(List<String> words, int at) {
            String word = words.get(at);
            int next = next(words, at + 1);
            boolean meetsAgent = next < words.size() && AGENT.contains(words.get(next));
            boolean meetsEvent = next < words.size() && EVENTS.contains(words.get(next));
            boolean isDenied = AGENT.contains(word) && next == words.size() - 1 && DENYING.contains(words.get(next));
            if (DENYING.contains(word) && meetsAgent || EARLIER.contains(word) && !meetsEvent || isDenied) {
                openBefore = true;
                return meetsAgent || isDenied ? next + 1 : at + 1;
            }
            if (LATER.contains(word) && meetsAgent) {
                plainAfter = true;
                return next + 1;
            }
            plainBefore |= BEFORE.contains(word);
            plainAfter |= AFTER.contains(word);
            openAfter |= AGENT.contains(word) || LATER.contains(word) && !meetsEvent;
            return at + 1;
        }

        private static int next(List<String> words, int from) {
            int next = from;
            while (next < words.size() && JOINING.contains(words.get(next))) {
                next++;
            }
            return next;
        }
    }
}
