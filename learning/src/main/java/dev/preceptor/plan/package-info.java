/** Patch size, depth and batch size for a cohort and the available memory, from measured training steps. */
package dev.preceptor.plan;
