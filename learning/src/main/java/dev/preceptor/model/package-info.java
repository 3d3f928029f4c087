/**
 * The model file: one {@code .safetensors} file with the weights of a network, everything that inference needs, and a model
 * card. Reading one runs no code.
 */
package dev.preceptor.model;
