/**
 * Scores of predicted label maps against references, under named conventions.
 *
 * <p>A mask is a {@link java.util.BitSet} of voxel indices (x-fastest) on a {@link dev.preceptor.volume.Grid}. Overlap is
 * counted in voxels ({@link dev.preceptor.metrics.ConfusionCounts}), distances are in millimetres
 * ({@link dev.preceptor.metrics.Hausdorff}, {@link dev.preceptor.metrics.SurfaceDice}), volumes in millilitres. What a score
 * is if a mask is empty depends on the {@link dev.preceptor.metrics.Convention}; an undefined score is NaN and is left out
 * of means. The lesion-wise scores follow the official code of BraTS 2023 and 2024
 * ({@link dev.preceptor.metrics.LesionWise}). All variants are listed in {@code docs/reference/conventions.md}.
 *
 * <p>{@link dev.preceptor.metrics.Evaluation} scores folders, {@link dev.preceptor.metrics.SubjectScores} two label maps,
 * and {@link dev.preceptor.metrics.Scoring} two masks.
 */
package dev.preceptor.metrics;
