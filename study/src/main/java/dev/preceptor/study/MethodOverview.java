package dev.preceptor.study;

import dev.preceptor.recipe.RecipeLoader;
import dev.preceptor.study.MethodSummary.StepCost;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.table.TextTable;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.StepTimer;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The built-in recipes side by side: what each needs, its networks, and the cost of a training step with small networks.
 *
 * @param threads per operation with which the steps were measured; 0 if they were not
 * @param patch extents of a patch in the measured steps; the batch is that of the recipe
 * @param methods one for each recipe
 */
public record MethodOverview(int threads, Size patch, List<MethodSummary> methods) {
    /** The end of the names of the recipes with small networks. */
    static final String SMALL = "-small";

    private static final Size PATCH = new Size(32, 32, 32);
    private static final double ENOUGH_SECONDS = 0.5;
    private static final double MEBIBYTE = 1 << 20;
    private static final String GAP = "  ";

    public MethodOverview {
        methods = List.copyOf(methods);
    }

    /** Names, needs and networks of all built-in recipes, without costs; takes seconds. */
    public static MethodOverview withoutCost() {
        return of(names(), Optional.empty());
    }

    /** All built-in recipes; runs a few steps of each on the CPU with the threads that libtorch has, which takes a minute or two. */
    public static MethodOverview measured() {
        return measured(names());
    }

    /** {@link #measured()} of some recipes, by their names without {@code -small}. */
    static MethodOverview measured(List<String> names) {
        return of(names, Optional.of(new StepTimer(LabelSpace.BRATS_2018, "cpu", ENOUGH_SECONDS)));
    }

    private static MethodOverview of(List<String> names, Optional<StepTimer> timer) {
        Torch.open();
        List<MethodSummary> methods =
                names.stream().map(name -> MethodSummary.of(name, PATCH, timer)).toList();
        return new MethodOverview(timer.isPresent() ? Torch.threads() : 0, PATCH, methods);
    }

    /** The built-in recipes without {@code -small}. */
    private static List<String> names() {
        return RecipeLoader.builtIn().stream()
                .map(name -> name.endsWith(SMALL) ? name.substring(0, name.length() - SMALL.length()) : name)
                .distinct()
                .toList();
    }

    private boolean isMeasured() {
        return threads > 0;
    }

    /** A row for each recipe. */
    public Table table() {
        List<Table.Column> columns = new ArrayList<>(List.of(
                Table.Column.words("recipe"),
                Table.Column.words("teachers see"),
                Table.Column.words("student sees"),
                Table.Column.words("subjects"),
                Table.Column.words("network"),
                Table.Column.numbers("weights"),
                Table.Column.numbers("further weights")));
        if (isMeasured()) {
            columns.add(Table.Column.numbers("step", "s"));
            columns.add(Table.Column.numbers("memory", "MiB"));
        }
        return new Table(
                "Recipes, their needs and their small networks",
                columns,
                methods.stream().map(this::row).toList());
    }

    private List<TableCell> row(MethodSummary method) {
        List<TableCell> row = new ArrayList<>(List.of(
                TableCell.of(method.name()),
                TableCell.of(
                        method.teachers().isEmpty()
                                ? "-"
                                : method.teachers().stream()
                                        .map(MethodOverview::joined)
                                        .collect(Collectors.joining(", "))),
                TableCell.of((method.anySubset() ? "any of " : "") + joined(method.student())),
                TableCell.of(method.unlabelled() ? "labelled and not" : "labelled"),
                TableCell.of(method.networks().get(0).network()),
                TableCell.of(method.shippedWeights()),
                TableCell.of(method.furtherWeights())));
        if (isMeasured()) {
            row.add(TableCell.of(
                    method.cost().stream().map(step -> seconds(step.seconds())).collect(Collectors.joining(" + "))));
            row.add(TableCell.of(
                    method.cost().stream()
                                    .mapToLong(StepCost::estimatedBytes)
                                    .max()
                                    .orElse(0)
                            / MEBIBYTE,
                    0));
        }
        return row;
    }

    private static String seconds(double seconds) {
        return NumberStyle.PLAIN.number(seconds, seconds < 0.1 ? 3 : 2);
    }

    private static String joined(List<Sequence> sequences) {
        return sequences.stream().map(Sequence::name).collect(Collectors.joining("+"));
    }

    /** For a terminal: the table, what its columns mean, and the descriptions. */
    public String toText() {
        Table table = table();
        List<Integer> widths = IntStream.range(0, table.columns().size())
                .mapToObj(i -> table.rows().stream()
                        .mapToInt(row -> row.get(i).line(NumberStyle.PLAIN).length())
                        .reduce(table.columns().get(i).heading().length(), Math::max))
                .toList();
        StringBuilder text = new StringBuilder(new TextTable(NumberStyle.PLAIN, GAP, widths).render(table));
        text.append("""

                Networks and weights are those of the recipes with -small at the end of their names. weights: of the student, which is
                shipped; further weights: of what is trained or predicts beside it, without what both share.
                """);
        if (isMeasured()) {
            text.append("step: measured seconds of a training step on ")
                    .append(threads)
                    .append(threads == 1 ? " thread" : " threads")
                    .append(" (CPU, random patches of ")
                    .append(patch)
                    .append(", batch of the recipe), of each phase\n")
                    .append(
                            "with + between the phases; memory: estimated peak of its tensors, in the phase with most.\n");
        }
        text.append('\n');
        for (MethodSummary method : methods) {
            text.append(String.format(Locale.ROOT, "%-" + widths.get(0) + "s", method.name()))
                    .append(GAP)
                    .append(method.description())
                    .append('\n');
        }
        return text.toString();
    }
}
