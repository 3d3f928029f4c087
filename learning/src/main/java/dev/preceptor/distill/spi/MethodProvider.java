package dev.preceptor.distill.spi;

import dev.preceptor.distill.MethodKind;
import java.util.List;

/**
 * Adds methods of training. A provider has a public constructor without parameters, and its class name stands in
 * {@code META-INF/services/dev.preceptor.distill.spi.MethodProvider} of its jar.
 */
@FunctionalInterface
public interface MethodProvider {
    /** The methods; {@link MethodKind#of} makes one from a name, a record of default options and a constructor. */
    List<MethodKind> methods();
}
