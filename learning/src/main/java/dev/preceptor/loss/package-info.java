/**
 * The losses of segmentation and distillation: functions of logits and targets that return scalar tensors. They know no
 * network architecture and no training loop.
 */
package dev.preceptor.loss;
