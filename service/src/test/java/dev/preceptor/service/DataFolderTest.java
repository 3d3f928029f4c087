package dev.preceptor.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class DataFolderTest {
    @TempDir
    private Path folder;

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void imagesAndLogOfAFolderThatExistsAreForItsOwnerAlone() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        for (String name : new String[] {"jobs", "series", "incoming"}) {
            Files.createDirectory(data.resolve(name));
            Files.setPosixFilePermissions(data.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path log = Files.createFile(data.resolve("audit.jsonl"));
        Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (DataFolder opened = DataFolder.open(data);
                AuditLog audit = AuditLog.open(log)) {
            for (String name : new String[] {"jobs", "series", "incoming"}) {
                assertEquals("rwx------", permissions(opened.root().resolve(name)), name);
            }
            assertEquals("rw-------", permissions(log));
            assertEquals("rwxr-xr-x", permissions(data), "the folder itself may be shared with other files");
        }
    }

    @Test
    void newFolderIsForItsOwnerAlone() throws IOException {
        Path data = folder.resolve("new");
        try (DataFolder opened = DataFolder.open(data);
                AuditLog audit = AuditLog.open(data.resolve("audit.jsonl"))) {
            assertEquals("rwx------", permissions(opened.root()));
            assertEquals("rwx------", permissions(opened.newFolder().getParent()));
            assertEquals("rw-------", permissions(data.resolve("audit.jsonl")));
        }
    }
}
