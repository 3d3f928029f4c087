package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice of the folder from which native code is loaded. */
class NativeCacheTest {
    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void needsPosix() throws IOException {
        assumeTrue(PrivateFolder.isUnix(folder), "skipped: no Unix file system here");
        folder = folder.toRealPath();
        properties.put(
                "java.io.tmpdir", Files.createDirectory(folder.resolve("tmp")).toString());
        properties.put(
                "user.home", Files.createDirectory(folder.resolve("home")).toString());
    }

    @Test
    void aFolderNamedByTheUserComesBeforeTheCacheFolders() {
        assertEquals(folder.resolve("home/.cache/preceptor/native"), choose());
        environment.put("XDG_CACHE_HOME", "relative/is/ignored");
        assertEquals(folder.resolve("home/.cache/preceptor/native"), choose());
        environment.put("XDG_CACHE_HOME", folder.resolve("xdg").toString());
        assertEquals(folder.resolve("xdg/preceptor/native"), choose());
        environment.put("PRECEPTOR_CACHE", folder.resolve("mine").toString());
        assertEquals(folder.resolve("mine"), choose());
        properties.put("org.bytedeco.javacpp.cachedir", folder.resolve("option").toString());
        assertEquals(folder.resolve("option"), choose());
        assertEquals(List.of(), warnings);
    }

    @Test
    void createdFoldersAreAccessibleToTheirOwnerOnly() throws IOException {
        assertEquals("rwx------", permissions(choose()));
        assertEquals("rwx------", permissions(folder.resolve("home/.cache")));
    }

    @Test
    void aUserWithoutHomeGetsATemporaryFolderWithARandomNameAndReusesIt() throws IOException {
        properties.put("user.home", "?");
        Path chosen = choose();
        assertEquals(folder.resolve("tmp"), chosen.getParent());
        assertTrue(chosen.getFileName().toString().matches("preceptor-native-[0-9]{6,}"), chosen.toString());
        assertEquals("rwx------", permissions(chosen));
        assertEquals(chosen, choose(), "a second process unpacks nothing");
        assertFalse(Files.exists(Path.of("?")), "nothing is created in the working folder");
    }

    @Test
    void aTemporaryFolderThatOthersCouldHaveFilledIsNotUsed() throws IOException {
        properties.put("user.home", "?");
        Path open = folder.resolve("tmp/preceptor-native-1");
        Files.createDirectory(open);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(
                folder.resolve("tmp/preceptor-native-0"), Files.createDirectory(folder.resolve("else")));
        Path chosen = choose();
        assertNotEquals(open, chosen);
        assertFalse(Files.isSymbolicLink(chosen));
    }

    @Test
    void aReadOnlyHomeIsSkipped() throws IOException {
        properties.put(
                "user.home", Files.writeString(folder.resolve("file"), "").toString());
        assertEquals(folder.resolve("tmp"), choose().getParent());
        assertEquals(List.of(), warnings);
    }

    @Test
    void aFolderWritableByOthersIsSkippedWithAWarningAndRefusedIfNamed() throws IOException {
        Path cache = Files.createDirectories(folder.resolve("home/.cache/preceptor/native"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertEquals(folder.resolve("tmp"), choose().getParent());
        assertEquals(
                List.of(cache
                        + ": is not used for the native libraries because it can be written by other users (mode 777);"
                        + " the temporary folder is used instead"),
                warnings);
        environment.put("PRECEPTOR_CACHE", cache.toString());
        PreceptorException refused = assertThrows(PreceptorException.class, this::choose);
        assertEquals(
                cache
                        + ": is not used for the native libraries because it can be written by other users (mode 777) and could"
                        + " place code there; remove their write permission (chmod go-w), or name a folder of your own with"
                        + " PRECEPTOR_CACHE",
                refused.getMessage());
    }

    @Test
    void aParentWritableByOthersIsRefusedUnlessItIsSticky() throws Exception {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Path mine = Files.createDirectory(shared.resolve("mine"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertEquals(Optional.of(shared + " can be written by other users (mode 777)"), PrivateFolder.objection(mine));
        assertEquals(
                0,
                new ProcessBuilder("chmod", "1777", shared.toString()).start().waitFor());
        assertEquals(Optional.empty(), PrivateFolder.objection(mine));
    }

    @Test
    void aFolderOfAnotherUserIsRefused() throws Exception {
        Path theirs = Files.createDirectory(folder.resolve("theirs"));
        int code =
                new ProcessBuilder("chown", "4711", theirs.toString()).start().waitFor();
        assumeTrue(code == 0, "skipped: only an administrator gives folders away");
        assertEquals(Optional.of("it belongs to another user"), PrivateFolder.objection(theirs));
        Path below = Files.createDirectory(theirs.resolve("mine"));
        assertEquals(Optional.of(theirs + " belongs to another user"), PrivateFolder.objection(below));
        Path link = Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(folder.resolve("mine")));
        new ProcessBuilder("chown", "-h", "4711", link.toString()).start().waitFor();
        assertEquals(Optional.of("the link " + link + " belongs to another user"), PrivateFolder.objection(link));
    }

    @Test
    void aNamedFolderThatCannotBeCreatedIsRefusedWithTheNameOfItsSetting() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        environment.put("PRECEPTOR_CACHE", file.resolve("cache").toString());
        PreceptorException refused = assertThrows(PreceptorException.class, this::choose);
        assertTrue(refused.getMessage().startsWith(file.resolve("cache") + ": cannot be used"), refused.getMessage());
        assertTrue(refused.getMessage().endsWith("; name another folder with PRECEPTOR_CACHE"), refused.getMessage());
    }

    private Path choose() {
        return new NativeCache(environment::get, properties::get, warnings::add).choose();
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
