/**
 * The folder of a run: recipe, description, metrics, checkpoints and models, and the state from which a training resumes.
 */
package dev.preceptor.run;
