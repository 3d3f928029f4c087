package dev.preceptor.network;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The weights that a constructor declares. A network or method that refuses its settings when it has already built networks has no
 * owner yet that could close them; their memory would stay until the garbage collector runs.
 */
public final class DeclaredWeights {
    /** Of the innermost construction of a thread. */
    private static final ThreadLocal<Set<Parameters>> OWNERS = new ThreadLocal<>();

    private DeclaredWeights() {}

    /**
     * Calls a constructor. If it throws, all weights that were declared on this thread meanwhile are freed, whatever owns them. Calls
     * may be nested.
     *
     * @return what was constructed, which owns its weights
     */
    public static <T> T freedOnFailure(Supplier<T> constructor) {
        Set<Parameters> outer = OWNERS.get();
        Set<Parameters> own = Collections.newSetFromMap(new IdentityHashMap<>());
        OWNERS.set(own);
        try {
            T constructed = constructor.get();
            // The construction around this one may still fail.
            Optional.ofNullable(outer).ifPresent(owners -> owners.addAll(own));
            return constructed;
        } catch (RuntimeException | Error e) {
            own.forEach(Parameters::close);
            throw e;
        } finally {
            if (outer == null) {
                OWNERS.remove();
            } else {
                OWNERS.set(outer);
            }
        }
    }

    /** Parameters that hold a weight; does nothing outside a construction. */
    static void report(Parameters owner) {
        Optional.ofNullable(OWNERS.get()).ifPresent(owners -> owners.add(owner));
    }
}
