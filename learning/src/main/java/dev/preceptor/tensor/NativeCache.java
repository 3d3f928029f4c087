package dev.preceptor.tensor;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.PrivateFolder;
import dev.preceptor.base.Reason;
import dev.preceptor.base.UserCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * Chooses the folder to which JavaCPP unpacks the native libraries and from which it loads them. JavaCPP's own default would
 * be a folder with a predictable name, whose content it trusts; see {@code docs/decisions/014}.
 *
 * <p>The first usable of these: {@code -Dorg.bytedeco.javacpp.cachedir}, {@code PRECEPTOR_CACHE}, {@code preceptor/native} in
 * {@code XDG_CACHE_HOME} or in {@code ~/.cache}, a folder with a random name in the temporary folder. If the user named one of
 * the first two and it is unusable, that is an error.
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
     * A cache in a given environment.
     *
     * @param environment the environment variables; null for one that is not set
     * @param properties the system properties; null for one that is not set
     * @param warnings receives a line for each folder that is skipped because other users can write to it
     */
    NativeCache(UnaryOperator<String> environment, UnaryOperator<String> properties, Consumer<String> warnings) {
        this.environment = environment;
        this.properties = properties;
        this.warnings = warnings;
    }

    /**
     * Chooses the folder, sets JavaCPP's property and verifies the libraries in it. Warnings go to the log of this class.
     *
     * @throws PreceptorException if no folder is usable, or its libraries cannot be verified
     */
    static Path open() {
        System.Logger log = System.getLogger(NativeCache.class.getName());
        Consumer<String> warnings = line -> log.log(System.Logger.Level.WARNING, ErrorLine.printable(line));
        Path chosen = new NativeCache(System::getenv, System::getProperty, warnings).choose();
        System.setProperty(PROPERTY, chosen.toString());
        try {
            Path used = Loader.getCacheDir().toPath().toAbsolutePath();
            if (!used.equals(chosen)) {
                // Other code in this process has used JavaCPP before, which reads the property only once.
                requirePrivate(used, "the folder that JavaCPP has already chosen");
            }
            unpacked(used, warnings).verify();
            return used;
        } catch (IOException | UncheckedIOException e) {
            throw unverified(chosen, e);
        }
    }

    /** The libraries that JavaCPP has unpacked. */
    static List<Path> libraries(Path cache) {
        try {
            return unpacked(cache, line -> {}).files();
        } catch (IOException | UncheckedIOException e) {
            throw unverified(cache, e);
        }
    }

    private static UnpackedLibraries unpacked(Path cache, Consumer<String> notices) {
        return new UnpackedLibraries(
                cache, NativeCache.class.getClassLoader(), MissingLibraries::linkerFolders, notices);
    }

    private static PreceptorException unverified(Path cache, Exception e) {
        return new PreceptorException(
                cache + ": the native libraries there cannot be verified: " + Reason.of(e)
                        + "; delete this folder, or name another one with " + VARIABLE,
                e);
    }

    /**
     * Chooses the folder and creates it if it does not exist.
     *
     * @return an absolute folder that only this user can write to
     * @throws PreceptorException if a folder named by the user is unusable, or all folders are
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
        return UserCache.folder("native", environment, properties)
                .filter(this::isUsable)
                .orElseGet(this::temporary);
    }

    private static Optional<Path> named(String text) {
        return text == null || text.isBlank()
                ? Optional.empty()
                : Optional.of(Path.of(text).toAbsolutePath().normalize());
    }

    private static Path required(Path folder, String origin) {
        try {
            PrivateFolder.create(folder);
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
            throw new PreceptorException(folder + ": is not used for the native libraries because " + why
                    + " and could place code there; remove their write permission (chmod go-w), or name a folder of your"
                    + " own with " + origin);
        });
    }

    private boolean isUsable(Path folder) {
        try {
            PrivateFolder.create(folder);
        } catch (IOException e) {
            // A read-only home folder is common in containers and deserves no warning.
            return false;
        }
        Optional<String> objection = PrivateFolder.objection(folder);
        objection.ifPresent(why -> warnings.accept(folder + ": is not used for the native libraries because " + why
                + "; the temporary folder is used instead"));
        return objection.isEmpty();
    }

    /** An existing temporary folder of this user, so that not every process unpacks 450 MB, or else a new one. */
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
            // Java creates it with access for its owner only.
            Path created = Files.createTempDirectory(parent, TEMPORARY);
            requirePrivate(created, VARIABLE);
            return created;
        } catch (IOException e) {
            throw new PreceptorException(
                    parent + ": no folder for the native libraries can be created here: " + Reason.of(e)
                            + "; name one with " + VARIABLE,
                    e);
        }
    }

    private static boolean isOwn(Path folder) {
        try {
            PrivateFolder.create(folder);
            return PrivateFolder.isAccessibleToOwnerOnly(folder)
                    && PrivateFolder.objection(folder).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }
}
