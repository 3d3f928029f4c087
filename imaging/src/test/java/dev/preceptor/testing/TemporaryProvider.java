package dev.preceptor.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** A provider that the service loader of this thread finds for a while. */
public final class TemporaryProvider {
    private TemporaryProvider() {}

    /**
     * Runs some work in which the service loader finds a provider.
     *
     * @param folder for the description of the provider
     */
    public static <S> void during(Path folder, Class<S> service, Class<? extends S> provider, Runnable work) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            Path services = Files.createDirectories(folder.resolve("META-INF/services"));
            Files.writeString(services.resolve(service.getName()), provider.getName());
            try (URLClassLoader own =
                    new URLClassLoader(new URL[] {folder.toUri().toURL()}, loader)) {
                Thread.currentThread().setContextClassLoader(own);
                work.run();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Thread.currentThread().setContextClassLoader(loader);
        }
    }
}
