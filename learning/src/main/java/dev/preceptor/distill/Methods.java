package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import java.util.List;

/** The methods by name. A new one is its class, its recipe and a line here. */
public final class Methods {
    private static final List<MethodKind> KNOWN = List.of(Baseline.KIND, KdNet.KIND, MtcmKd.KIND);

    private Methods() {}

    /** The names of all methods. */
    public static List<String> names() {
        return KNOWN.stream().map(MethodKind::name).toList();
    }

    /**
     * The method of this name.
     *
     * @throws InvalidRecipeException if there is none, naming those there are
     */
    public static MethodKind named(String name) {
        return KNOWN.stream()
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidRecipeException(
                        "method must be one of " + String.join(", ", names()) + ", not \"" + name + "\""));
    }
}
