/**
 * How networks are found by name, and how a jar on the class path adds its own: a
 * {@link dev.preceptor.network.spi.NetworkProvider}. The example in {@code examples/} shows one.
 */
package dev.preceptor.network.spi;
