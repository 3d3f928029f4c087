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
    void aFolderAppearsOnlyWhenItIsComplete() {
        Path target = folder.resolve("scores");
        assertThrows(
                PreceptorException.class,
                () -> AtomicFiles.writeFolder(target, partial -> {
                    AtomicFiles.writeString(partial.resolve("half.txt"), "half");
                    assertFalse(Files.exists(target));
                    throw new PreceptorException("interrupted");
                }));
        assertFalse(Files.exists(target));
        AtomicFiles.writeFolder(target, partial -> {
            assertFalse(Files.exists(partial.resolve("half.txt")), "the partial folder of the failed write is removed");
            AtomicFiles.writeString(partial.resolve("a/whole.txt"), "whole");
        });
        assertTrue(Files.exists(target.resolve("a/whole.txt")));
        assertFalse(Files.exists(folder.resolve(".scores.part")));
    }

    @Test
    void anExistingFolderIsNotReplaced() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("scores")).resolve("mine.txt"), "mine");
        PreceptorException refused = assertThrows(
                PreceptorException.class,
                () -> AtomicFiles.writeFolder(
                        folder.resolve("scores"),
                        partial -> AtomicFiles.writeString(partial.resolve("new.txt"), "new")));
        assertTrue(refused.getMessage().startsWith(folder.resolve("scores") + ": cannot be created"));
        assertEquals("mine", Files.readString(folder.resolve("scores/mine.txt")));
    }

    @Test
    void deletingAnAbsentFolderDoesNothing() {
        AtomicFiles.deleteFolder(folder.resolve("nowhere"));
        assertFalse(Files.exists(folder.resolve("nowhere")));
    }
}
