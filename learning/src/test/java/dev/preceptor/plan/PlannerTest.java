package dev.preceptor.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.network.Computation;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.train.TinyRuns;
import dev.preceptor.volume.Size;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final long UNLIMITED = Long.MAX_VALUE;
    /** 1000 bytes for each voxel of a batch with any network; 500 with activation checkpointing. */
    private static final Function<Recipe, MemoryModel> KILOBYTE = recipe -> (patch, batch) -> new MemoryEstimate(
            0,
            0,
            0,
            (recipe.compute().recompute() == Computation.Recompute.STAGES ? 500L : 1000L) * patch.voxels() * batch,
            0,
            0);
    /** 1000 subjects with the median brain of BraTS at 1 mm. */
    private static final CohortShape BRATS = cohort(1000, 138, 172, 136, 1, 1, 1);

    private static CohortShape cohort(int subjects, double x, double y, double z, double... spacing) {
        return new CohortShape(new double[] {x, y, z}, spacing, (long) (subjects * x * y * z), 0);
    }

    private static Recipe recipe(String... overrides) {
        return TinyRuns.recipe("baseline", overrides);
    }

    private static Plan plan(CohortShape cohort, long memory, String... overrides) {
        return new Planner(cohort, KILOBYTE, memory, 1).plan(recipe(overrides));
    }

    @Nested
    class PatchAndDepth {
        @Test
        void areTheMedianSubjectAndFiveHalvingsIfTheyFit() {
            Plan plan = plan(BRATS, 2 * 160 * 192 * 160 * 1000L, "network.widths=[32,64]");
            assertEquals(new Size(160, 192, 160), plan.patch());
            assertEquals(List.of(32, 64, 128, 256, 320, 320), plan.widths());
            assertEquals(2, plan.batch());
        }

        @Test
        void shrinkAlongTheAxisThatIsLongestRelativeToTheMedian() {
            assertEquals(
                    new Size(160, 192, 128),
                    plan(BRATS, 2 * 160 * 192 * 160 * 1000L - 1).patch());
            assertEquals(
                    new Size(128, 192, 128),
                    plan(BRATS, 2 * 160 * 192 * 128 * 1000L - 1).patch());
            assertEquals(
                    new Size(128, 160, 128),
                    plan(BRATS, 2 * 128 * 192 * 128 * 1000L - 1).patch());
            Plan finer = plan(BRATS, 2 * 128 * 160 * 128 * 1000L - 1, "network.widths=[30,60,120]");
            assertEquals(new Size(128, 160, 112), finer.patch());
            assertEquals(List.of(30, 60, 120, 240, 320), finer.widths(), "an edge of 112 is halved four times");
        }

        @Test
        void leaveFourVoxelsOfAThinAxisInTheBottleneck() {
            Plan plan = plan(cohort(100, 320, 320, 20, 0.7, 0.7, 6), UNLIMITED);
            assertEquals(new Size(320, 320, 20), plan.patch());
            assertEquals(List.of(2, 4, 8), plan.widths());
        }

        @Test
        void haveAtMostTheVolumeOfACubeOf256() {
            assertEquals(
                    Size.cube(256),
                    plan(cohort(100, 400, 400, 400, 0.5, 0.5, 0.5), UNLIMITED).patch());
            assertEquals(
                    new Size(400, 400, 64),
                    plan(cohort(100, 400, 400, 100, 0.5, 0.5, 4), UNLIMITED).patch());
        }

        @Test
        void areAtLeastEightVoxelsAndOneHalving() {
            Plan plan = plan(cohort(4, 10, 8, 6, 1, 1, 1), UNLIMITED);
            assertEquals(new Size(10, 8, 8), plan.patch());
            assertEquals(List.of(2, 4), plan.widths());
        }

        @Test
        void haveTheDepthOfTrainedTeachers() {
            Plan plan = plan(BRATS, 2 * 128 * 192 * 136 * 1000L, "teacherModels=[a]", "network.widths=[4,8,16]");
            assertEquals(List.of(4, 8, 16), plan.widths());
            assertEquals(
                    0,
                    plan.patch().x() % 4 + plan.patch().y() % 4 + plan.patch().z() % 4);
        }

        @Test
        void fitNetworksThatTheRecipeDescribesSeparately() {
            Recipe recipe = TinyRuns.recipe(
                    "kd-net",
                    "network.widths=[4,8,16]",
                    "network.skips=2",
                    "teacherNetwork={name: unet, widths: [2, 2, 2, 2, 2]}");
            MemoryModel deepTeacher = new MemoryModel() {
                @Override
                public MemoryEstimate estimate(Size patch, int batch) {
                    return KILOBYTE.apply(recipe).estimate(patch, batch);
                }

                @Override
                public int totalStride() {
                    return 16;
                }
            };
            Plan plan = new Planner(BRATS, planned -> deepTeacher, 2 * 128 * 192 * 136 * 1000L, 1).plan(recipe);
            assertEquals(List.of(4, 8, 16), plan.widths());
            assertEquals(
                    0,
                    plan.patch().x() % 16 + plan.patch().y() % 16 + plan.patch().z() % 16,
                    plan + "");
        }

        @Test
        void giveEveryLevelASkipConnection() {
            Recipe planned = recipe("network.skips=0").planned(Size.cube(32), List.of(2, 4, 8), 2);
            assertEquals(2, planned.networkArguments().get("skips"));
            assertEquals(Planning.AS_WRITTEN, planned.plan());
        }
    }

    @Nested
    class Batch {
        @Test
        void growsWithTheMemoryIfTheFirstPatchFits() {
            assertEquals(5, plan(BRATS, 5 * 160 * 192 * 160 * 1000L).batch());
            assertEquals(2, plan(BRATS, 5 * 160 * 192 * 160 * 1000L / 2 - 1).batch());
        }

        @Test
        void isSharedEvenlyByTheProcessesAndEachNeedsMemoryForItsPart() {
            assertEquals(3, shared(3, 160 * 192 * 160 * 1000L).batch());
            assertEquals(9, shared(3, 3 * 160 * 192 * 160 * 1000L).batch());
            assertEquals(
                    4, shared(2, 2 * 160 * 192 * 160 * 1000L, HALF_UNLABELLED).batch());
            assertEquals(
                    4, shared(1, 5 * 160 * 192 * 160 * 1000L, HALF_UNLABELLED).batch());
        }

        private static final String HALF_UNLABELLED = "sampling.unlabelled={share: 0.5, every: 0}";

        private Plan shared(int processes, long memory, String... overrides) {
            Plan plan = new Planner(BRATS, KILOBYTE, memory, processes)
                    .plan(TinyRuns.recipe(
                            "baseline",
                            Stream.concat(Stream.of("sampling.batch=2"), Stream.of(overrides))
                                    .toArray(String[]::new)));
            assertEquals(new Size(160, 192, 160), plan.patch());
            return plan;
        }

        @Test
        void hasAtMostATwentiethOfTheVoxelsOfTheCohort() {
            // 0.05 * 1000 * 138 * 172 * 136 / (160 * 192 * 160)
            assertEquals(33, plan(BRATS, UNLIMITED).batch());
            assertEquals(2, plan(cohort(20, 138, 172, 136, 1, 1, 1), UNLIMITED).batch());
        }
    }

    @Test
    void moreMemoryNeverGivesASmallerPlan() {
        Function<Recipe, MemoryModel> models = recipe -> (patch, batch) -> new MemoryEstimate(
                1000,
                0,
                recipe.widths().stream().mapToLong(w -> 100L * w * w).sum(),
                4L * recipe.widths().get(0) * patch.voxels() * batch,
                0,
                0);
        Recipe recipe = recipe("network.widths=[8,16]");
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            CohortShape cohort = cohort(
                    random.nextInt(5, 500),
                    random.nextInt(8, 300),
                    random.nextInt(8, 300),
                    random.nextInt(8, 300),
                    random.nextDouble(0.4, 6),
                    random.nextDouble(0.4, 6),
                    random.nextDouble(0.4, 6));
            Plan before = null;
            for (long memory = 1L << 24; memory < 1L << 36; memory *= 2) {
                Plan plan;
                try {
                    plan = new Planner(cohort, models, memory, 1).plan(recipe);
                } catch (PreceptorException e) {
                    assertTrue(
                            before == null,
                            "seed " + seed + ": nothing fits into " + memory + " bytes but a plan fits into less");
                    continue;
                }
                assertTrue(plan.fits(), "seed " + seed);
                int divisor = 1 << (plan.widths().size() - 1);
                for (int axis = 0; axis < 3; axis++) {
                    assertEquals(0, plan.patch().along(axis) % divisor, "seed " + seed);
                    assertTrue(plan.patch().along(axis) / divisor >= 4, "seed " + seed + " " + plan);
                }
                if (before != null) {
                    int growth = Integer.compare(
                            plan.patch().voxels(), before.patch().voxels());
                    assertTrue(
                            growth > 0 || (growth == 0 && plan.batch() >= before.batch()),
                            "seed " + seed + ": " + before + ", then " + plan);
                }
                before = plan;
            }
        }
    }

    @Nested
    class Refused {
        @Test
        void aMemoryIntoWhichNoPatchFits() {
            PreceptorException refused = assertThrows(PreceptorException.class, () -> plan(BRATS, 1_000_000));
            assertEquals(
                    "plan: AUTO finds no patch that fits: the smallest is patch 8x8x8, 2 levels of 2, 4 channels, batch 2: about"
                            + " 0.00 GiB (process 0.00, Java 0.00, weights 0.00, forward 0.00, backward 0.00) of 0.00 GiB;"
                            + " raise memory=GIB, or choose compute.recompute=STAGES or a smaller first number in"
                            + " network.widths",
                    refused.getMessage());
        }

        @Test
        void aWrittenPlanThatDoesNotFitWithTheSettingsThatFit() {
            Recipe written = recipe("sampling.patch=[128,128,128]", "sampling.batch=4", "network.widths=[2,4,8]");
            PreceptorException refused = assertThrows(
                    PreceptorException.class, () -> new Planner(BRATS, KILOBYTE, 5L << 30, 1).check(written));
            assertEquals(
                    "the training does not fit into its memory: patch 128x128x128, 3 levels of 2, 4, 8 channels, batch 4:"
                            + " about 7.81 GiB (process 0.00, Java 0.00, weights 0.00, forward 7.81, backward 0.00) of"
                            + " 5.00 GiB; would fit: compute.recompute=STAGES (3.91 GiB) or sampling.batch=2 (3.91 GiB)"
                            + " or sampling.patch=[104,128,100] (4.96 GiB); or set plan=AUTO, or raise memory=GIB",
                    refused.getMessage());
        }

        @Test
        void noPlanThatFits() {
            Recipe written = recipe("sampling.patch=[128,128,128]", "sampling.batch=2", "network.widths=[2,4,8]");
            Plan plan = new Planner(BRATS, KILOBYTE, 5L << 30, 1).check(written);
            assertTrue(plan.fits());
            assertFalse(new Plan(plan.patch(), plan.widths(), 2, plan.estimate(), 1).fits());
        }
    }
}
