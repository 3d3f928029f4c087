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
 * Plans patch size, depth and batch size by the rules of nnU-Net (Isensee et al., Nature Methods 2021, 18, 203-211,
 * supplementary note 2): starting from the median subject, the largest patch that fits into memory with two patches in a
 * batch. Only if the first patch fits, the batch grows, up to 5 % of the voxels of the cohort. The same cohort, recipe and
 * memory give the same plan.
 *
 * <p>Two differences from nnU-Net: all axes are halved equally often, because the networks pool isotropically, and a
 * {@link MemoryModel} of the process replaces the reference network (docs/decisions/013).
 *
 * @param shape the cohort on the grid of the model
 * @param models the memory model of a recipe, which depends on its widths and its computation
 * @param memory available memory of each process in bytes
 * @param processes number of processes that share each batch evenly
 */
public record Planner(CohortShape shape, Function<Recipe, MemoryModel> models, long memory, int processes) {
    /** The smallest batch of nnU-Net. */
    private static final int BATCH = 2;

    private static final int MAX_BATCH = 256;
    private static final double MAX_COHORT_SHARE = 0.05;
    /** The minimal extents of a patch and of the bottleneck, in voxels. */
    private static final int MIN_PATCH = 8;

    private static final int MIN_BOTTLENECK = 4;
    private static final int MAX_HALVINGS = 5;
    private static final int MAX_CHANNELS = 320;
    private static final int MAX_EXTENT = 512;
    /** The first patch has at most the volume of a cube with this edge, in voxels. */
    private static final double FIRST_EDGE = 256;

    /** A patch and the number of times that the network halves it. */
    private record Shape(int[] patch, int halvings) {
        Size size() {
            return new Size(patch[0], patch[1], patch[2]);
        }
    }

    /**
     * The plan of a recipe with {@code plan: AUTO}.
     *
     * @throws PreceptorException if no patch fits into memory; the message gives the estimate of the smallest
     */
    Plan plan(Recipe recipe) {
        int step = batchStep(recipe);
        int batch = (BATCH + step - 1) / step * step;
        Map<List<Integer>, MemoryModel> modelOf = new HashMap<>();
        Optional<Integer> fixed = Optional.empty();
        if (keepsWidths(recipe)) {
            MemoryModel model = models.apply(recipe);
            modelOf.put(recipe.widths(), model);
            fixed = Optional.of(halvings(recipe, model));
        }
        Optional<Shape> next = Optional.of(padded(first(), fixed));
        boolean isFirst = true;
        Plan smallest = null;
        while (next.isPresent()) {
            Shape tried = next.get();
            List<Integer> widths = fixed.isPresent() ? recipe.widths() : widths(recipe.widths(), tried.halvings);
            try {
                MemoryModel model = modelOf.computeIfAbsent(
                        widths,
                        w -> models.apply(recipe.planned(
                                tried.size(), w, recipe.sampling().batch())));
                smallest = new Plan(tried.size(), widths, batch, estimate(model, tried.size(), batch), memory);
                if (smallest.fits()) {
                    return isFirst ? withLargerBatch(smallest, model, step) : smallest;
                }
            } catch (InvalidRecipeException e) {
                if (smallest == null) {
                    throw e;
                }
                // The network of this patch has fewer levels than the method needs.
                break;
            }
            isFirst = false;
            next = smaller(tried, fixed);
        }
        throw new PreceptorException("plan: AUTO finds no patch that fits: the smallest is " + smallest
                + "; raise memory=GIB" + alternative(recipe));
    }

    /**
     * A recipe with the largest number of levels that a plan may have. A recipe that is invalid with these levels is invalid
     * with every plan.
     */
    public static Recipe deepest(Recipe recipe) {
        if (keepsWidths(recipe)) {
            return recipe.planned(
                    Size.cube(1 << (recipe.widths().size() - 1)),
                    recipe.widths(),
                    recipe.sampling().batch());
        }
        return recipe.planned(
                Size.cube(1 << MAX_HALVINGS),
                widths(recipe.widths(), MAX_HALVINGS),
                recipe.sampling().batch());
    }

    /**
     * Whether the widths and with them the depths of the networks stay as written: trained teachers cannot change, and two
     * networks that the recipe describes separately have no common depth to plan.
     */
    private static boolean keepsWidths(Recipe recipe) {
        return !recipe.teacherModels().isEmpty() || !recipe.teacherNetwork().isEmpty();
    }

    /** The halvings of the deepest network of a recipe. */
    private static int halvings(Recipe recipe, MemoryModel model) {
        int ofTotalStride = Integer.SIZE - Integer.numberOfLeadingZeros(model.totalStride() - 1);
        return Math.max(recipe.widths().size() - 1, ofTotalStride);
    }

    private static String alternative(Recipe recipe) {
        return recipe.compute().recompute() == Computation.Recompute.STAGES
                ? ", or choose a smaller first number in network.widths"
                : ", or choose compute.recompute=STAGES or a smaller first number in network.widths";
    }

    /** The smallest batch of which every process has the same number of patches with and without labels; larger ones are multiples. */
    private int batchStep(Recipe recipe) {
        int patches = 1;
        while (patches < MAX_BATCH && !recipe.sampling().unlabelled().isWholeIn(patches)) {
            patches++;
        }
        return processes * patches;
    }

    /** What one process needs. */
    private MemoryEstimate estimate(MemoryModel model, Size patch, int batch) {
        return model.estimate(patch, batch / processes);
    }

    /** The plan with the largest batch that fits into memory and has at most 5 % of the voxels of the cohort. */
    private Plan withLargerBatch(Plan plan, MemoryModel model, int step) {
        long largest = Math.min(
                MAX_BATCH,
                Math.round(MAX_COHORT_SHARE * shape.voxels() / plan.patch().voxels()));
        Plan best = plan;
        for (int batch = plan.batch() + step; batch <= largest; batch += step) {
            Plan tried = new Plan(plan.patch(), plan.widths(), batch, estimate(model, plan.patch(), batch), memory);
            if (!tried.fits()) {
                break;
            }
            best = tried;
        }
        return best;
    }

    /** The plan of a recipe with {@code plan: AS_WRITTEN}, which may not fit. */
    Plan asWritten(Recipe recipe) {
        return asWritten(recipe, models.apply(recipe));
    }

    private Plan asWritten(Recipe recipe, MemoryModel model) {
        Size patch = recipe.sampling().patchSize();
        int batch = recipe.sampling().batch();
        return new Plan(patch, recipe.widths(), batch, estimate(model, patch, batch), memory);
    }

    /**
     * The plan of a recipe with {@code plan: AS_WRITTEN}.
     *
     * @throws PreceptorException if it does not fit into memory; the message gives the estimate and settings that fit
     */
    Plan check(Recipe recipe) {
        Size patch = recipe.sampling().patchSize();
        int batch = recipe.sampling().batch();
        MemoryModel model = models.apply(recipe);
        Plan written = asWritten(recipe, model);
        if (written.fits()) {
            return written;
        }
        List<String> fitting = new ArrayList<>();
        if (recipe.compute().recompute() != Computation.Recompute.STAGES) {
            addIfFits(fitting, "compute.recompute=STAGES", estimate(models.apply(recipe.recomputing()), patch, batch));
        }
        int step = batchStep(recipe);
        if (batch > step) {
            int smaller = batch - step;
            while (smaller > step && estimate(model, patch, smaller).total() > memory) {
                smaller -= step;
            }
            addIfFits(fitting, "sampling.batch=" + smaller, estimate(model, patch, smaller));
        }
        Optional<Integer> halvings = Optional.of(halvings(recipe, model));
        Optional<Shape> shorter =
                smaller(new Shape(new int[] {patch.x(), patch.y(), patch.z()}, halvings.get()), halvings);
        while (shorter.isPresent()
                && estimate(model, shorter.get().size(), batch).total() > memory) {
            shorter = smaller(shorter.get(), halvings);
        }
        shorter.ifPresent(found -> addIfFits(
                fitting,
                "sampling.patch=[" + found.patch[0] + "," + found.patch[1] + "," + found.patch[2] + "]",
                estimate(model, found.size(), batch)));
        throw new PreceptorException("the training does not fit into its memory: " + written
                + (fitting.isEmpty() ? "" : "; would fit: " + String.join(" or ", fitting))
                + "; or set plan=AUTO, or raise memory=GIB");
    }

    /** Adds a setting with its estimated memory if it fits. */
    private void addIfFits(List<String> fitting, String setting, MemoryEstimate estimate) {
        if (estimate.total() <= memory) {
            fitting.add(setting + " (" + MemoryEstimate.gib(estimate.total()) + ")");
        }
    }

    /** The extents of the median subject, cut to a box of equal edges in mm with 256^3 voxels. */
    private int[] first() {
        double[] spacing = shape.spacing();
        double edge = FIRST_EDGE * Math.cbrt(spacing[0] * spacing[1] * spacing[2]);
        int[] patch = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            double limit = Math.min(Math.round(edge / spacing[axis]), MAX_EXTENT);
            patch[axis] = (int) Math.max(MIN_PATCH, Math.min(limit, Math.round(shape.median()[axis])));
        }
        return patch;
    }

    /** A patch whose extents are rounded up to multiples of the total stride. */
    private static Shape padded(int[] patch, Optional<Integer> fixed) {
        int halvings = fixed.orElseGet(() -> halvings(patch));
        int divisor = 1 << halvings;
        int[] extents = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            int rounded = (patch[axis] + divisor - 1) / divisor * divisor;
            extents[axis] = rounded <= MAX_EXTENT ? rounded : MAX_EXTENT / divisor * divisor;
        }
        return new Shape(extents, halvings);
    }

    private static int halvings(int[] patch) {
        int shortest = Math.min(patch[0], Math.min(patch[1], patch[2]));
        int halvings = 1;
        while (halvings < MAX_HALVINGS && shortest >> (halvings + 1) >= MIN_BOTTLENECK) {
            halvings++;
        }
        return halvings;
    }

    /**
     * A patch that is one total stride shorter along the axis that is longest relative to the median; empty if no axis can be
     * shorter. If the shorter patch has fewer levels, the step is its smaller stride.
     */
    private Optional<Shape> smaller(Shape from, Optional<Integer> fixed) {
        int axis = -1;
        int minimum = Math.max(MIN_PATCH, fixed.map(halvings -> 1 << halvings).orElse(0));
        int step = 0;
        for (int a = 0; a < 3; a++) {
            int[] tried = from.patch.clone();
            tried[a] -= 1 << from.halvings;
            int finer = 1 << fixed.orElseGet(() -> halvings(tried));
            boolean isLonger = axis < 0 || relativeExtent(from, a) > relativeExtent(from, axis);
            if (from.patch[a] - finer >= minimum && isLonger) {
                axis = a;
                step = finer;
            }
        }
        if (axis < 0) {
            return Optional.empty();
        }
        int[] shorter = from.patch.clone();
        shorter[axis] -= step;
        return Optional.of(padded(shorter, fixed));
    }

    private double relativeExtent(Shape from, int axis) {
        return from.patch[axis] / shape.median()[axis];
    }

    /** Widths that double from level to level, from the first width of the recipe up to 320 channels. */
    private static List<Integer> widths(List<Integer> written, int halvings) {
        int first = written.get(0);
        return IntStream.rangeClosed(0, halvings)
                .mapToObj(level -> (int) Math.min((long) first << level, Math.max(first, MAX_CHANNELS)))
                .toList();
    }
}
