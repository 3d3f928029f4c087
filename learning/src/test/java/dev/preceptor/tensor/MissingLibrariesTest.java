package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MissingLibrariesTest {
    /** Where the dynamic section of the libraries of this test is loaded, beyond the beginning of the file. */
    private static final long ADDRESS = 0x40000;

    @TempDir
    private Path folder;

    @Test
    void aLibraryOfTheJavaRuntimeNeedsTheVirtualMachineAndTheCLibrary() throws IOException {
        Path library = Path.of(System.getProperty("java.home"), "lib", "libjava.so");
        assumeTrue(Files.exists(library), "skipped: not Linux");
        List<String> needed = ElfLibrary.needed(library);
        assertTrue(needed.contains("libjvm.so"), needed.toString());
        assertTrue(needed.stream().anyMatch(name -> name.startsWith("libc.")), needed.toString());
    }

    @Test
    void theMissingLibrariesAreThoseThatAreNeitherUnpackedNorOnTheSystem() throws IOException {
        Path root = library("libjnitorch.so", "libtorch_cpu.so", "libc.so.6");
        Path torch = library("libtorch_cpu.so", "libcupti.so.13", "libtorch_cuda.so", "libc.so.6");
        Path cuda = library("libtorch_cuda.so", "libcudnn.so.9", "libcupti.so.13", "libtorch_cpu.so");
        Path processes = library("libjnitorch_nccl.so", "libnccl.so.2");
        Path system = Files.createDirectory(folder.resolve("system"));
        Files.createFile(system.resolve("libc.so.6"));
        assertEquals(
                Map.of("libcupti.so.13", "libtorch_cpu.so", "libcudnn.so.9", "libtorch_cuda.so"),
                new MissingLibraries(List.of(root, torch, cuda, processes), List.of(system)).find());
        Files.createFile(system.resolve("libcupti.so.13"));
        Files.createFile(system.resolve("libcudnn.so.9"));
        assertEquals(Map.of(), new MissingLibraries(List.of(root, torch, cuda, processes), List.of(system)).find());
    }

    @Test
    void whatJavasClassesForCudaNeedIsNotMissing() throws IOException {
        Path root = library("libjnitorch.so", "libc.so.6");
        Path cuda = Files.createDirectories(folder.resolve("cuda.jar/org/bytedeco/cuda/linux-x86_64"));
        Path unused = Files.move(library("libjninppc.so", "libnppc.so.13"), cuda.resolve("libjninppc.so"));
        Files.createFile(folder.resolve("libc.so.6"));
        assertEquals(Map.of(), new MissingLibraries(List.of(root, unused), List.of(folder)).find());
    }

    @Test
    void eachLibraryHasARemedyOfItsOwn() {
        Map.of(
                        "libcupti.so.13", "cuda-cupti",
                        "libcublasLt.so.13", "CUDA",
                        "libcudnn_ops.so.9", "cuDNN 9",
                        "libnccl.so.2", "libnccl2",
                        "libcuda.so.1", "driver",
                        "libgomp.so.1", "libgomp1",
                        "libstdc++.so.6", "libstdc++6",
                        "libgcc_s.so.1", "libgcc-s1",
                        "libother.so", "LD_LIBRARY_PATH")
                .forEach((library, word) ->
                        assertTrue(MissingLibraries.remedy(library).contains(word), MissingLibraries.remedy(library)));
    }

    @Test
    void theLinkerLooksInItsPathItsConfigurationAndTheSystemFolders() throws IOException {
        Files.createDirectories(folder.resolve("etc/ld.so.conf.d"));
        Files.writeString(folder.resolve("etc/ld.so.conf"), "include /etc/ld.so.conf.d/*.conf\n");
        Files.writeString(folder.resolve("etc/ld.so.conf.d/cuda.conf"), "# CUDA\n/opt/cuda/lib64\n");
        List<Path> folders = MissingLibraries.linkerFolders(
                folder, name -> name.equals("LD_LIBRARY_PATH") ? "/first:/second" : null);
        assertEquals(
                List.of(Path.of("/first"), Path.of("/second"), folder.resolve("opt/cuda/lib64")),
                folders.subList(0, 3));
        assertTrue(folders.contains(folder.resolve("usr/lib64")));
        assertTrue(folders.contains(folder.resolve("usr/local/cuda/lib64")), "where JavaCPP finds CUDA");
    }

    @Test
    void otherFilesNeedNothingAndDamagedLibrariesFail() throws IOException {
        Path library = library("libjnitorch.so", "libc.so.6");
        assertEquals(List.of("libc.so.6"), ElfLibrary.needed(library));
        byte[] whole = Files.readAllBytes(library);
        Path other = Files.write(folder.resolve("other"), new byte[1000]);
        assertEquals(List.of(), ElfLibrary.needed(other));
        assertEquals(List.of(), ElfLibrary.needed(Files.write(other, new byte[10])));
        for (int length = 64; length < 64 + 2 * 56; length++) {
            Files.write(other, Arrays.copyOf(whole, length));
            assertThrows(IOException.class, () -> ElfLibrary.needed(other));
        }
        assertEquals(Map.of(), new MissingLibraries(List.of(other), List.of()).find());
    }

    /** A library with nothing but a list of needed ones. */
    private Path library(String name, String... needed) throws IOException {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        names.write(0);
        ByteBuffer dynamic = ByteBuffer.allocate(16 * (needed.length + 2)).order(ByteOrder.LITTLE_ENDIAN);
        for (String one : needed) {
            dynamic.putLong(1).putLong(names.size());
            names.write(one.getBytes(StandardCharsets.UTF_8));
            names.write(0);
        }
        int start = 64 + 2 * 56;
        int bytes = dynamic.capacity() + names.size();
        dynamic.putLong(5).putLong(ADDRESS + dynamic.capacity());
        ByteBuffer file = ByteBuffer.allocate(start + bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1});
        file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        segment(file, 64, 1, start, bytes);
        segment(file, 64 + 56, 2, start, dynamic.capacity());
        file.position(start).put(dynamic.array()).put(names.toByteArray());
        return Files.write(folder.resolve(name), file.array());
    }

    private static void segment(ByteBuffer file, int at, int type, long offset, long bytes) {
        file.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, ADDRESS).putLong(at + 32, bytes);
    }
}
