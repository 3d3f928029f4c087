/** A network that lives outside Preceptor and is found through {@code META-INF/services}. */
package example.network;
