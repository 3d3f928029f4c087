/**
 * The training loop: phases, steps, validation, and the writing of checkpoints and models. It knows no concrete method.
 */
package dev.preceptor.train;
