package dev.preceptor.tensor;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * Chooses the folder that JavaCPP unpacks the native libraries to and loads them from. JavaCPP itself would fall back on a
 * folder with a name that anybody can guess and trust what lies there; see docs/decisions/014.
 *
 * <p>The first of these that can be used: {@code -Dorg.bytedeco.javacpp.cachedir}, {@code PRECEPTOR_CACHE},
 * {@code preceptor/native} in {@code XDG_CACHE_HOME} or in {@code ~/.cache}, a folder in the temporary folder with a name
 * that nobody can guess. The first two are the user's word: where they cannot be used nothing else is tried.
 */
final class NativeCache {
    /** The system property that JavaCPP reads. */
    static final String PROPERTY = "org.bytedeco.javacpp.cachedir";
    /** The environment variable that names the folder. */
    static final String VARIABLE = "PRECEPTOR_CACHE";

    private static final String TEMPORARY = "preceptor-native-";

    private final UnaryOperator<String> environment;
    private final UnaryOperator<String> properties;
    private final Consumer<String> warnings;

    /**
     * @param environment the variables of the process, null for one that is not set
     * @param properties the system properties, likewise
     * @param warnings receives a line where a folder is passed over because others could write it
     */
    NativeCache(UnaryOperator<String> environment, UnaryOperator<String> properties, Consumer<String> warnings) {
        this.environment = environment;
        this.properties = properties;
        this.warnings = warnings;
    }

    /** Chooses, tells JavaCPP and verifies what lies there; the warnings go to the log of this class. */
    static Path open() {
        System.Logger log = System.getLogger(NativeCache.class.getName());
        Consumer<String> warnings = line -> log.log(System.Logger.Level.WARNING, ErrorLine.printable(line));
        Path chosen = new NativeCache(System::getenv, System::getProperty, warnings).choose();
        System.setProperty(PROPERTY, chosen.toString());
        try {
            Path used = Loader.getCacheDir().toPath().toAbsolutePath();
            if (!used.equals(chosen)) {
                // Another user of JavaCPP in this process was first, and it asks only once.
                requirePrivate(used, "the folder that JavaCPP has chosen already");
            }
            new UnpackedLibraries(used, NativeCache.class.getClassLoader(), warnings).verify();
            return used;
        } catch (IOException | UncheckedIOException e) {
            throw unverified(chosen, e);
        }
    }

    /** Notes the hashes of what JavaCPP has just unpacked, so that the next process need not compute them. */
    static void learn(Path cache) {
        try {
            new UnpackedLibraries(cache, NativeCache.class.getClassLoader(), line -> {}).learn();
        } catch (IOException | UncheckedIOException e) {
            throw unverified(cache, e);
        }
    }

    private static PreceptorException unverified(Path cache, Exception e) {
        return new PreceptorException(
                cache + ": the native libraries there cannot be verified: " + Reason.of(e)
                        + "; remove this folder, or name another with " + VARIABLE,
                e);
    }

    /**
     * The folder, made if it was absent, absolute and private.
     *
     * @throws PreceptorException if a folder that the user named, or every folder, cannot be used
     */
    Path choose() {
        Optional<Path> property = named(properties.apply(PROPERTY));
        if (property.isPresent()) {
            return required(property.get(), "-D" + PROPERTY);
        }
        Optional<Path> variable = named(environment.apply(VARIABLE));
        if (variable.isPresent()) {
            return required(variable.get(), VARIABLE);
        }
        return ofUser().filter(this::isUsable).orElseGet(this::temporary);
    }

    private static Optional<Path> named(String text) {
        return text == null || text.isBlank()
                ? Optional.empty()
                : Optional.of(Path.of(text).toAbsolutePath().normalize());
    }

    private static Path required(Path folder, String origin) {
        try {
            PrivateFolder.make(folder);
        } catch (IOException e) {
            throw new PreceptorException(
                    folder + ": cannot be used for the native libraries: " + Reason.of(e)
                            + "; name another folder with " + origin,
                    e);
        }
        requirePrivate(folder, origin);
        return folder;
    }

    private static void requirePrivate(Path folder, String origin) {
        PrivateFolder.objection(folder).ifPresent(why -> {
            throw new PreceptorException(folder + ": is not used for the native libraries, for " + why
                    + " and could place code there; take the right to write away from others (chmod go-w), or name a"
                    + " folder of your own (" + origin + ")");
        });
    }

    /** The folder for caches of this user, whether or not it exists; none for a user without a home. */
    private Optional<Path> ofUser() {
        return absolute(environment.apply("XDG_CACHE_HOME"))
                .or(() -> absolute(properties.apply("user.home"))
                        .or(() -> absolute(environment.apply("HOME")))
                        .map(home -> home.resolve(".cache")))
                .map(caches -> caches.resolve("preceptor").resolve("native"));
    }

    /** A user without an entry in the passwd file has the home {@code ?}, which is no folder. */
    private static Optional<Path> absolute(String folder) {
        return folder == null || folder.isBlank()
                ? Optional.empty()
                : Optional.of(Path.of(folder)).filter(Path::isAbsolute);
    }

    private boolean isUsable(Path folder) {
        try {
            PrivateFolder.make(folder);
        } catch (IOException e) {
            // A home that cannot be written is common in containers, and no reason for a warning.
            return false;
        }
        Optional<String> objection = PrivateFolder.objection(folder);
        objection.ifPresent(why -> warnings.accept(folder + ": is not used for the native libraries, for " + why
                + "; the temporary folder is used instead"));
        return objection.isEmpty();
    }

    /** One of this user's own that is there, so that not every process unpacks 450 MB, or a new one. */
    private Path temporary() {
        Path parent = Path.of(properties.apply("java.io.tmpdir")).toAbsolutePath();
        try (Stream<Path> entries = Files.list(parent)) {
            Optional<Path> own = entries.filter(
                            entry -> entry.getFileName().toString().startsWith(TEMPORARY))
                    .filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .filter(NativeCache::isOwn)
                    .findFirst();
            if (own.isPresent()) {
                return own.get();
            }
            // Made for its owner alone.
            Path made = Files.createTempDirectory(parent, TEMPORARY);
            requirePrivate(made, VARIABLE);
            return made;
        } catch (IOException e) {
            throw new PreceptorException(
                    parent + ": no folder for the native libraries can be made here: " + Reason.of(e)
                            + "; name one with " + VARIABLE,
                    e);
        }
    }

    private static boolean isOwn(Path folder) {
        try {
            PrivateFolder.make(folder);
            return PrivateFolder.isOwnersAlone(folder)
                    && PrivateFolder.objection(folder).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }
}
