/**
 * The training of a method on a cohort: recipe, loop, schedules, checkpoints, and the folder of a run. The trainer knows no
 * method.
 */
package dev.preceptor.train;
