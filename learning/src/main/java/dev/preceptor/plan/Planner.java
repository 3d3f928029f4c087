package dev.preceptor.plan;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.network.Computation;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Finds patch, depth and batch as nnU-Net does (Isensee et al., Nature Methods 2021, 18, 203-211, supplementary note 2): from the
 * median subject down, the largest patch that fits with two patches a step; only if the very first fits, more of them,
 * as long as a step sees at most 5 % of the cohort's voxels. The same cohort, recipe and memory give the same plan.
 *
 * <p>Unlike there every axis is halved equally often, for our networks know no other way, and what fits is said by a
 * {@link MemoryModel} of the whole process instead of a reference network (docs/decisions/013).
 *
 * @param shape the cohort on the grid of the model
 * @param models the memory that a recipe takes, by its widths and its computation
 * @param memory bytes that there are
 */
public record Planner(CohortShape shape, Function<Recipe, MemoryModel> models, long memory) {
    private static final int BATCH = 2;
    private static final int MOST_BATCH = 256;
    private static final double MOST_OF_COHORT = 0.05;
    /** The least edge of a patch, and of the bottleneck. */
    private static final int LEAST_PATCH = 8;

    private static final int LEAST_BOTTLENECK = 4;
    private static final int MOST_HALVINGS = 5;
    private static final int MOST_CHANNELS = 320;
    private static final int MOST_EDGE = 512;
    /** The first patch has at most the volume of a cube of this edge, in voxels. */
    private static final double FIRST_EDGE = 256;

    /** A patch and how often it is halved. */
    private record Shape(int[] patch, int halvings) {
        Size size() {
            return new Size(patch[0], patch[1], patch[2]);
        }
    }

    /**
     * The plan of a recipe that leaves it to us.
     *
     * @throws PreceptorException in numbers if nothing fits
     */
    Plan plan(Recipe recipe) {
        // Trained teachers have the depth they have.
        Optional<Integer> fixed = recipe.teacherModels().isEmpty()
                ? Optional.empty()
                : Optional.of(recipe.widths().size() - 1);
        Map<List<Integer>, MemoryModel> known = new HashMap<>();
        Optional<Shape> next = Optional.of(padded(first(), fixed));
        boolean isFirst = true;
        Plan least = null;
        while (next.isPresent()) {
            Shape tried = next.get();
            List<Integer> widths = fixed.isPresent() ? recipe.widths() : widths(recipe.widths(), tried.halvings);
            try {
                MemoryModel model = known.computeIfAbsent(
                        widths,
                        w -> models.apply(recipe.planned(
                                tried.size(), w, recipe.sampling().batch())));
                least = new Plan(tried.size(), widths, BATCH, model.estimate(tried.size(), BATCH), memory);
                if (least.fits()) {
                    return isFirst ? more(least, model) : least;
                }
            } catch (InvalidRecipeException e) {
                if (least == null) {
                    throw e;
                }
                // Fewer levels than the method needs.
                break;
            }
            isFirst = false;
            next = smaller(tried, fixed);
        }
        throw new PreceptorException("plan: AUTO finds no patch that fits: already " + least
                + "; give more with memory=GIB" + alternative(recipe));
    }

    /** A recipe with as many levels as a plan may give it: what it cannot have then, it can have in no plan. */
    public static Recipe deepest(Recipe recipe) {
        if (!recipe.teacherModels().isEmpty()) {
            return recipe.planned(
                    Size.cube(1 << (recipe.widths().size() - 1)),
                    recipe.widths(),
                    recipe.sampling().batch());
        }
        return recipe.planned(
                Size.cube(1 << MOST_HALVINGS),
                widths(recipe.widths(), MOST_HALVINGS),
                recipe.sampling().batch());
    }

    private static String alternative(Recipe recipe) {
        return recipe.compute().recompute() == Computation.Recompute.STAGES
                ? ", or choose a smaller first number in network.widths"
                : ", or choose compute.recompute=STAGES or a smaller first number in network.widths";
    }

    /** As many patches a step as fit and are not too much of the cohort. */
    private Plan more(Plan plan, MemoryModel model) {
        long most = Math.min(
                MOST_BATCH,
                Math.round(MOST_OF_COHORT * shape.voxels() / plan.patch().voxels()));
        Plan best = plan;
        for (int batch = BATCH + 1; batch <= most; batch++) {
            Plan tried = new Plan(plan.patch(), plan.widths(), batch, model.estimate(plan.patch(), batch), memory);
            if (!tried.fits()) {
                break;
            }
            best = tried;
        }
        return best;
    }

    /**
     * The plan that a recipe has written.
     *
     * @throws PreceptorException in numbers if it does not fit, saying what would
     */
    Plan check(Recipe recipe) {
        Size patch = recipe.sampling().patchSize();
        int batch = recipe.sampling().batch();
        MemoryModel model = models.apply(recipe);
        Plan written = new Plan(patch, recipe.widths(), batch, model.estimate(patch, batch), memory);
        if (written.fits()) {
            return written;
        }
        List<String> fitting = new ArrayList<>();
        if (recipe.compute().recompute() != Computation.Recompute.STAGES) {
            offer(
                    fitting,
                    "compute.recompute=STAGES",
                    models.apply(recipe.recomputing()).estimate(patch, batch));
        }
        if (batch > 1) {
            int fewer = batch - 1;
            while (fewer > 1 && model.estimate(patch, fewer).total() > memory) {
                fewer--;
            }
            offer(fitting, "sampling.batch=" + fewer, model.estimate(patch, fewer));
        }
        Optional<Integer> halvings = Optional.of(recipe.widths().size() - 1);
        Optional<Shape> less =
                smaller(new Shape(new int[] {patch.x(), patch.y(), patch.z()}, halvings.get()), halvings);
        while (less.isPresent() && model.estimate(less.get().size(), batch).total() > memory) {
            less = smaller(less.get(), halvings);
        }
        less.ifPresent(found -> offer(
                fitting,
                "sampling.patch=[" + found.patch[0] + "," + found.patch[1] + "," + found.patch[2] + "]",
                model.estimate(found.size(), batch)));
        throw new PreceptorException("the training does not fit into its memory: " + written
                + (fitting.isEmpty() ? "" : "; would fit: " + String.join(" or ", fitting))
                + "; or let plan=AUTO choose, or give more with memory=GIB");
    }

    private void offer(List<String> fitting, String setting, MemoryEstimate estimate) {
        if (estimate.total() <= memory) {
            fitting.add(setting + " (" + MemoryEstimate.gib(estimate.total()) + ")");
        }
    }

    /** The median subject, unless it has too many voxels; then a box of equal edges in mm inside of it. */
    private int[] first() {
        double[] spacing = shape.spacing();
        double edge = FIRST_EDGE * Math.cbrt(spacing[0] * spacing[1] * spacing[2]);
        int[] patch = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            double most = Math.min(Math.round(edge / spacing[axis]), MOST_EDGE);
            patch[axis] = (int) Math.max(LEAST_PATCH, Math.min(most, Math.round(shape.median()[axis])));
        }
        return patch;
    }

    private static Shape padded(int[] patch, Optional<Integer> fixed) {
        int halvings = fixed.orElseGet(() -> halvings(patch));
        int divisor = 1 << halvings;
        int[] extents = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            int up = (patch[axis] + divisor - 1) / divisor * divisor;
            extents[axis] = up <= MOST_EDGE ? up : MOST_EDGE / divisor * divisor;
        }
        return new Shape(extents, halvings);
    }

    private static int halvings(int[] patch) {
        int least = Math.min(patch[0], Math.min(patch[1], patch[2]));
        int halvings = 1;
        while (halvings < MOST_HALVINGS && least >> (halvings + 1) >= LEAST_BOTTLENECK) {
            halvings++;
        }
        return halvings;
    }

    /** One step less along the axis that is longest against the median; a depth that falls makes the step finer. */
    private Optional<Shape> smaller(Shape from, Optional<Integer> fixed) {
        int axis = -1;
        int least = Math.max(LEAST_PATCH, fixed.map(halvings -> 1 << halvings).orElse(0));
        int step = 0;
        for (int a = 0; a < 3; a++) {
            int[] tried = from.patch.clone();
            tried[a] -= 1 << from.halvings;
            int finer = 1 << fixed.orElseGet(() -> halvings(tried));
            boolean isLonger = axis < 0 || share(from, a) > share(from, axis);
            if (from.patch[a] - finer >= least && isLonger) {
                axis = a;
                step = finer;
            }
        }
        if (axis < 0) {
            return Optional.empty();
        }
        int[] less = from.patch.clone();
        less[axis] -= step;
        return Optional.of(padded(less, fixed));
    }

    private double share(Shape from, int axis) {
        return from.patch[axis] / shape.median()[axis];
    }

    /** Doubling from the recipe's first. */
    private static List<Integer> widths(List<Integer> written, int halvings) {
        int first = written.get(0);
        return IntStream.rangeClosed(0, halvings)
                .mapToObj(level -> (int) Math.min((long) first << level, Math.max(first, MOST_CHANNELS)))
                .toList();
    }
}
