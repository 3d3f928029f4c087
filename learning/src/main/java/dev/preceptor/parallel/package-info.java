/**
 * Several processes that train as one: how they find each other, what they tell each other, and what happens when one is
 * lost. Knows tensors, and neither networks nor methods.
 */
package dev.preceptor.parallel;
