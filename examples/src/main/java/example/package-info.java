/** Preceptor as a library: a prediction and a score. */
package example;
