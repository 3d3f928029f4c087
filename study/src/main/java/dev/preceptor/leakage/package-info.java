/** Finds subjects of an evaluation that a model had met in its training. */
package dev.preceptor.leakage;
