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
 * What the providers on the class path offer under a name, found by {@link ServiceLoader}: networks, methods. Immutable.
 *
 * @param <T> what has a name
 */
public final class Registry<T> {
    /** One offer, and the class name of its provider. */
    private record Offer<T>(T value, String provider) {}

    private final String subject;
    private final Map<String, List<Offer<T>>> offers = new LinkedHashMap<>();

    private Registry(String subject) {
        this.subject = subject;
    }

    /**
     * Asks all providers of a service, the built-in ones among them.
     *
     * @param subject what is offered, for messages: {@code network}, {@code method}
     * @param service the provider interface
     * @param offered what one provider offers, by name
     * @throws PreceptorException if a provider cannot be loaded
     */
    public static <P, T> Registry<T> load(String subject, Class<P> service, Function<P, Map<String, T>> offered) {
        Registry<T> registry = new Registry<>(subject);
        try {
            ServiceLoader.load(service)
                    .forEach(provider -> registry.add(
                            offered.apply(provider), provider.getClass().getName()));
        } catch (ServiceConfigurationError e) {
            throw new PreceptorException(
                    "a jar on the class path declares a " + service.getSimpleName()
                            + " that cannot be loaded (" + e.getMessage()
                            + "): correct its META-INF/services, or take the jar off the class path",
                    e);
        }
        return registry;
    }

    private void add(Map<String, T> offered, String provider) {
        offered.forEach((name, value) ->
                offers.computeIfAbsent(name, key -> new ArrayList<>()).add(new Offer<>(value, provider)));
    }

    /** All names; those of the built-in providers first, if their jar is first on the class path. */
    public Collection<String> names() {
        return List.copyOf(offers.keySet());
    }

    /**
     * What has this name, if anything has.
     *
     * @throws PreceptorException if several providers offer it
     */
    public Optional<T> find(String name) {
        List<Offer<T>> found = offers.getOrDefault(name, List.of());
        if (found.size() > 1) {
            throw new PreceptorException("the " + subject + " \"" + name + "\" is offered twice, by "
                    + found.get(0).provider() + " and by " + found.get(1).provider()
                    + ": rename one, or take its jar off the class path");
        }
        return found.stream().map(Offer::value).findFirst();
    }
}
