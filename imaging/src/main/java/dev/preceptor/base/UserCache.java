package dev.preceptor.base;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The place of Preceptor's caches among those of this user. Stateless. */
public final class UserCache {
    private UserCache() {}

    /**
     * The folder {@code preceptor/NAME} in {@code XDG_CACHE_HOME} or in {@code ~/.cache}, which may not exist yet; empty for a user
     * without a home folder.
     *
     * @param environment the environment variables; null for one that is not set
     * @param properties the system properties; null for one that is not set
     */
    public static Optional<Path> folder(
            String name, UnaryOperator<String> environment, UnaryOperator<String> properties) {
        return absolute(environment.apply("XDG_CACHE_HOME"))
                .or(() -> absolute(properties.apply("user.home"))
                        .or(() -> absolute(environment.apply("HOME")))
                        .map(home -> home.resolve(".cache")))
                .map(caches -> caches.resolve("preceptor").resolve(name));
    }

    /** Java reports the home {@code ?} for a user without an entry in the passwd file. */
    private static Optional<Path> absolute(String folder) {
        return folder == null || folder.isBlank()
                ? Optional.empty()
                : Optional.of(Path.of(folder)).filter(Path::isAbsolute);
    }
}
