/**
 * How networks are trained together. A {@link dev.preceptor.distill.Method} has networks by
 * {@link dev.preceptor.distill.Role} and {@link dev.preceptor.distill.Phase}s; a phase computes losses ({@code dev.preceptor.loss})
 * and updates {@link dev.preceptor.distill.ParameterGroup}s. Methods know no file, no command line and no progress bar.
 */
package dev.preceptor.distill;
