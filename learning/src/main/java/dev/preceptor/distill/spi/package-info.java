/**
 * How methods are found by name, and how a jar on the class path adds its own: a
 * {@link dev.preceptor.distill.spi.MethodProvider}. The example in {@code examples/} shows one.
 */
package dev.preceptor.distill.spi;
