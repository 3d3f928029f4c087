package dev.preceptor.distill.spi;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Registry;
import dev.preceptor.distill.MethodKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The methods by name: the built-in ones and those of every {@link MethodProvider} on the class path. */
public final class Methods {
    private Methods() {}

    private static Registry<MethodKind> known() {
        return Registry.load("method", MethodProvider.class, Methods::byName);
    }

    private static Map<String, MethodKind> byName(MethodProvider provider) {
        Map<String, MethodKind> kinds = new LinkedHashMap<>();
        provider.methods().forEach(kind -> kinds.put(kind.name(), kind));
        return kinds;
    }

    /** The names of all methods. */
    public static List<String> names() {
        return List.copyOf(known().names());
    }

    /**
     * The method of this name.
     *
     * @throws InvalidRecipeException if no method has this name; lists those there are
     * @throws PreceptorException if several providers offer a method of this name
     */
    public static MethodKind named(String name) {
        Registry<MethodKind> known = known();
        return known.find(name)
                .orElseThrow(() -> new InvalidRecipeException(
                        "method must be one of " + String.join(", ", known.names()) + ", not \"" + name + "\""));
    }
}
