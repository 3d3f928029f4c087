/** A method that lives outside Preceptor and is found through {@code META-INF/services}. */
package example.method;
