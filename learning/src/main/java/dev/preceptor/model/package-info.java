/**
 * The model file: one {@code .safetensors} that holds the weights of a network and all that inference needs and a reader
 * wants to know about them. Reading one runs no code.
 */
package dev.preceptor.model;
