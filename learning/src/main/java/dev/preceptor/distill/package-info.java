/**
 * How networks are trained together. A {@link dev.preceptor.distill.Method} says in which phases, on which losses and in
 * which order of updates; it knows no file, no command line and no progress bar. A new method is one class here, one
 * recipe, and a line in {@link dev.preceptor.distill.Methods}.
 */
package dev.preceptor.distill;
