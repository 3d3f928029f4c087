package dev.preceptor.dicomweb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.testing.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalInstancesTest {
    @TempDir
    private Path folder;

    @Test
    void filesOfEveryTransferSyntaxAreInstances() {
        LocalInstances found = LocalInstances.at(List.of(TestFiles.of("imaging", "dicom/syntaxes")));
        assertEquals(8, found.instances().size());
        for (LocalInstance instance : found.instances()) {
            assertEquals(GoldenInstances.instance(instance.file()), instance);
        }
        assertEquals(
                GoldenInstances.series(),
                LocalInstances.at(GoldenInstances.paths()).instances());
    }

    @Test
    void whatIsNoInstanceIsSkippedInAFolderAndRefusedByName() throws IOException {
        Path notes = Files.writeString(folder.resolve("notes.txt"), "notes");
        assertThrows(PreceptorException.class, () -> LocalInstances.at(List.of(folder)));
        Path scan = Files.copy(GoldenInstances.paths().get(0), folder.resolve("scan"));
        LocalInstances found = LocalInstances.at(List.of(folder));
        assertEquals(
                List.of(scan),
                found.instances().stream().map(LocalInstance::file).toList());
        assertEquals(List.of(notes), found.others());
        PreceptorException e = assertThrows(PreceptorException.class, () -> LocalInstances.at(List.of(notes)));
        assertTrue(e.getMessage().startsWith(notes + ": "), e.getMessage());
        assertThrows(PreceptorException.class, () -> LocalInstances.at(List.of(folder.resolve("absent"))));
    }

    @Test
    void aFileWithoutMetaInformationCannotBeStored() throws IOException {
        byte[] whole = Files.readAllBytes(TestFiles.of("imaging", "dicom/syntaxes/implicit_le.dcm"));
        int start = 132 + 12 + (whole[140] & 0xff) + ((whole[141] & 0xff) << 8);
        Path bare = Files.write(folder.resolve("bare"), Arrays.copyOfRange(whole, start, whole.length));
        PreceptorException e = assertThrows(PreceptorException.class, () -> LocalInstances.at(List.of(bare)));
        assertTrue(e.getMessage().contains("File Meta Information"), e.getMessage());
    }

    @Test
    void theMetaInformationOfDamagedFilesNamesNoInstanceOrAUid() throws IOException {
        byte[] whole = Files.readAllBytes(GoldenInstances.paths().get(0));
        for (int length = 0; length < 600; length++) {
            FileMeta.sopInstance(Arrays.copyOf(whole, length)).ifPresent(uid -> assertTrue(Uids.isUid(uid)));
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = Arrays.copyOf(whole, 600);
            for (int j = 0; j < 3; j++) {
                damaged[128 + random.nextInt(300)] = (byte) random.nextInt();
            }
            FileMeta.sopInstance(damaged).ifPresent(uid -> assertTrue(Uids.isUid(uid), uid));
        }
        assertFalse(Uids.isUid(""));
        assertFalse(Uids.isUid("1..2"));
        assertFalse(Uids.isUid("1.2."));
        assertFalse(Uids.isUid("1.2/3"));
    }
}
