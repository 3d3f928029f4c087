package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aFolderAppearsOnlyWhenItIsWhole() {
        Path target = folder.resolve("scores");
        assertThrows(
                PreceptorException.class,
                () -> AtomicFiles.writeFolder(target, aside -> {
                    AtomicFiles.writeString(aside.resolve("half.txt"), "half");
                    assertFalse(Files.exists(target));
                    throw new PreceptorException("broken off");
                }));
        assertFalse(Files.exists(target));
        AtomicFiles.writeFolder(target, aside -> {
            assertFalse(Files.exists(aside.resolve("half.txt")), "what was broken off is gone");
            AtomicFiles.writeString(aside.resolve("a/whole.txt"), "whole");
        });
        assertTrue(Files.exists(target.resolve("a/whole.txt")));
        assertFalse(Files.exists(folder.resolve(".scores.part")));
    }

    @Test
    void aFolderIsNotPutOverAnother() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("scores")).resolve("mine.txt"), "mine");
        PreceptorException refused = assertThrows(
                PreceptorException.class,
                () -> AtomicFiles.writeFolder(
                        folder.resolve("scores"), aside -> AtomicFiles.writeString(aside.resolve("new.txt"), "new")));
        assertTrue(refused.getMessage().startsWith(folder.resolve("scores") + ": cannot be made"));
        assertEquals("mine", Files.readString(folder.resolve("scores/mine.txt")));
    }

    @Test
    void aFolderThatIsAbsentIsDeletedAlready() {
        AtomicFiles.deleteFolder(folder.resolve("nowhere"));
        assertFalse(Files.exists(folder.resolve("nowhere")));
    }
}
