package dev.preceptor.run;

import dev.preceptor.base.InvalidRecipeException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The fold that is held out.
 *
 * @param fold number of the fold, from 1
 * @param of number of folds, at least 2
 */
public record FoldChoice(int fold, int of) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4})/(\\d{1,4})");

    public FoldChoice {
        if (of < 2 || fold < 1 || fold > of) {
            throw new InvalidRecipeException(
                    "a fold is K/N with N at least 2 and K from 1 to N, not " + fold + "/" + of);
        }
    }

    /**
     * Reads {@code K/N}.
     *
     * @throws InvalidRecipeException if the text has another form
     */
    public static FoldChoice parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new InvalidRecipeException("a fold is K/N, for instance 1/5, not \"" + text + "\"");
        }
        return new FoldChoice(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
    }

    @Override
    public String toString() {
        return fold + "/" + of;
    }
}
