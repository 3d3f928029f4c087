/**
 * Scores of a predicted mask against a reference mask, by conventions that have names.
 *
 * <p>A mask is a {@link java.util.BitSet} of voxel places on a {@link dev.preceptor.volume.Grid}. What a score is when
 * one of the masks is empty is fixed by the {@link dev.preceptor.metrics.Convention}, never left to chance.
 */
package dev.preceptor.metrics;
