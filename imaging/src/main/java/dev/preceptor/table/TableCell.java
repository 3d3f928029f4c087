package dev.preceptor.table;

/**
 * The content of a table's cell: a value, not a text, so that every renderer writes it in its own {@link NumberStyle} and a
 * CSV file holds it at full precision.
 */
public sealed interface TableCell {
    /** The value, without detail and mark. */
    String text(NumberStyle style);

    /** What is written beside or below the value, such as its interval; empty for nothing. */
    default String detail(NumberStyle style) {
        return "";
    }

    /** A warning that stays with the value in every rendering; empty for none. */
    default String mark() {
        return "";
    }

    /** The number by which a column of numbers is sorted; NaN sorts last. */
    double order();

    /** The bare value at full precision, for CSV. */
    String value();

    /** Value, mark and detail in one line. */
    default String line(NumberStyle style) {
        String marked = mark().isEmpty() ? text(style) : text(style) + " (" + mark() + ")";
        return detail(style).isEmpty() ? marked : marked + " " + detail(style);
    }

    /** Words. */
    static Words of(String words) {
        return new Words(words, "", "", Double.NaN);
    }

    /** A number with a fixed count of decimals. */
    static Figure of(double value, int decimals) {
        return new Figure(value, decimals);
    }

    /** A count. */
    static Count of(long value) {
        return new Count(value);
    }

    /**
     * Words.
     *
     * @param words as they are written
     * @param mark a warning; empty for none
     * @param detail a remark; empty for none
     * @param order by which a column of numbers is sorted
     */
    record Words(String words, String mark, String detail, double order) implements TableCell {
        /** The same with a warning. */
        public Words withMark(String warning) {
            return new Words(words, warning, detail, order);
        }

        /** The same with a remark. */
        public Words withDetail(String remark) {
            return new Words(words, mark, remark, order);
        }

        /** The same with a number by which it is sorted. */
        public Words withOrder(double number) {
            return new Words(words, mark, detail, number);
        }

        @Override
        public String text(NumberStyle style) {
            return words;
        }

        @Override
        public String detail(NumberStyle style) {
            return detail;
        }

        @Override
        public String value() {
            return words;
        }
    }

    /** A count. */
    record Count(long count) implements TableCell {
        @Override
        public String text(NumberStyle style) {
            return Long.toString(count);
        }

        @Override
        public double order() {
            return count;
        }

        @Override
        public String value() {
            return Long.toString(count);
        }
    }

    /** A number; {@code decimals} of it are written. */
    record Figure(double number, int decimals) implements TableCell {
        @Override
        public String text(NumberStyle style) {
            return style.number(number, decimals);
        }

        @Override
        public double order() {
            return number;
        }

        @Override
        public String value() {
            return Double.toString(number);
        }
    }

    /** A share of 1, written as a whole percentage. */
    record Percent(double share) implements TableCell {
        @Override
        public String text(NumberStyle style) {
            return style.percent(share);
        }

        @Override
        public double order() {
            return share;
        }

        @Override
        public String value() {
            return Double.toString(share);
        }
    }

    /** A p value. */
    record Probability(double p) implements TableCell {
        @Override
        public String text(NumberStyle style) {
            return style.probability(p);
        }

        @Override
        public double order() {
            return p;
        }

        @Override
        public String value() {
            return Double.toString(p);
        }
    }

    /**
     * A mean with its standard deviation; the deviation is left out where it is NaN. Its value is the mean.
     *
     * @param count of the values that it is over
     * @param all the count of the values with those that are undefined; if it is larger, both counts stand beside the mean
     */
    record Mean(double mean, double deviation, int decimals, int count, int all) implements TableCell {
        /** A mean over all values. */
        public Mean(double mean, double deviation, int decimals) {
            this(mean, deviation, decimals, 0, 0);
        }

        /** The same with the counts of the values that it is over, and of all. */
        public Mean over(int defined, int values) {
            return new Mean(mean, deviation, decimals, defined, values);
        }

        @Override
        public String text(NumberStyle style) {
            if (Double.isNaN(mean)) {
                return style.number(mean, decimals);
            }
            String text = style.number(mean, decimals)
                    + (Double.isNaN(deviation) ? "" : " \u00b1 " + style.number(deviation, decimals));
            return count < all ? text + " (" + count + " of " + all + ")" : text;
        }

        @Override
        public double order() {
            return mean;
        }

        @Override
        public String value() {
            return Double.toString(mean);
        }
    }

    /** An estimate with its interval as detail; an interval whose lower end is a {@link Figure} of NaN is left out. */
    record Estimate(TableCell estimate, TableCell low, TableCell high) implements TableCell {
        @Override
        public String text(NumberStyle style) {
            return estimate.text(style);
        }

        @Override
        public String detail(NumberStyle style) {
            return low instanceof Figure figure && Double.isNaN(figure.number())
                    ? ""
                    : "[" + low.text(style) + ", " + high.text(style) + "]";
        }

        @Override
        public double order() {
            return estimate.order();
        }

        @Override
        public String value() {
            return estimate.value();
        }

        /** With a space before the interval even where it is left out, so that files keep their bytes. */
        @Override
        public String line(NumberStyle style) {
            return estimate.line(style) + " " + detail(style);
        }
    }

    /** Two cells as one, each with its own mark. */
    record Joined(TableCell first, String between, TableCell second) implements TableCell {
        @Override
        public String text(NumberStyle style) {
            return first.text(style) + between + second.text(style);
        }

        @Override
        public String mark() {
            return first.mark().isEmpty() ? second.mark() : first.mark();
        }

        @Override
        public double order() {
            return Double.NaN;
        }

        @Override
        public String value() {
            return first.value() + between + second.value();
        }

        @Override
        public String line(NumberStyle style) {
            return first.line(style) + between + second.line(style);
        }
    }
}
