/** Optimizers, learning rate schedules and the moving average of the weights. */
package dev.preceptor.optim;
