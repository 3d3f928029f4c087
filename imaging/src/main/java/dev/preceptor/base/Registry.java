package dev.preceptor.base;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * Named values contributed by the providers on the class path, which are found with {@link ServiceLoader}: networks and
 * methods. Immutable after loading, thread-safe.
 *
 * @param <T> the type of the named values
 */
public final class Registry<T> {
    /** One named value and the class name of its provider. */
    private record Registration<T>(T value, String provider) {}

    private final String subject;
    private final Map<String, List<Registration<T>>> registrations = new LinkedHashMap<>();

    private Registry(String subject) {
        this.subject = subject;
    }

    /**
     * Loads all providers of a service, including the built-in ones.
     *
     * @param subject the noun for messages: {@code network}, {@code method}
     * @param service the provider interface
     * @param provided the values that one provider contributes, by name
     * @throws PreceptorException if a provider cannot be loaded
     */
    public static <P, T> Registry<T> load(String subject, Class<P> service, Function<P, Map<String, T>> provided) {
        Registry<T> registry = new Registry<>(subject);
        try {
            ServiceLoader.load(service)
                    .forEach(provider -> registry.register(
                            provided.apply(provider), provider.getClass().getName()));
        } catch (ServiceConfigurationError e) {
            throw new PreceptorException(
                    "a jar on the class path declares a " + service.getSimpleName()
                            + " that cannot be loaded (" + e.getMessage()
                            + "): correct its META-INF/services, or take the jar off the class path",
                    e);
        }
        return registry;
    }

    private void register(Map<String, T> provided, String provider) {
        provided.forEach((name, value) ->
                registrations.computeIfAbsent(name, key -> new ArrayList<>()).add(new Registration<>(value, provider)));
    }

    /**
     * All names in the order in which providers were found; the built-in ones come first if their jar is first on the
     * class path.
     */
    public Collection<String> names() {
        return List.copyOf(registrations.keySet());
    }

    /**
     * The value of a name; empty if no provider has it.
     *
     * @throws PreceptorException if several providers contribute the name
     */
    public Optional<T> find(String name) {
        List<Registration<T>> found = registrations.getOrDefault(name, List.of());
        if (found.size() > 1) {
            throw new PreceptorException("the " + subject + " \"" + name + "\" is provided twice, by "
                    + found.get(0).provider() + " and by " + found.get(1).provider()
                    + ": rename one, or take its jar off the class path");
        }
        return found.stream().map(Registration::value).findFirst();
    }
}
