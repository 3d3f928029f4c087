/**
 * Training: a plan is read from recipe, teachers and cohort, then each phase of the method runs its training loop with validation,
 * checkpoints and model files. Read {@code PhaseTrainer.run} first. The package knows no concrete method.
 */
package dev.preceptor.train;
