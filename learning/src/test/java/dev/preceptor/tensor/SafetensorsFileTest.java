package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() {
        Torch.open();
        file = folder.resolve("arrays.safetensors");
        try (PointerScope scope = new PointerScope()) {
            new Safetensors(
                            Map.of(),
                            Map.of(
                                    "matrix", ArrayData.of(Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)),
                                    "whole", ArrayData.of(Tensors.of(new long[] {7, 8}, 2))))
                    .write(file);
        }
    }

    @Test
    void tensorsHaveTypeShapeAndValuesOfTheArrays() {
        try (PointerScope scope = new PointerScope();
                SafetensorsFile opened = SafetensorsFile.open(file)) {
            opened.content().arrays().forEach((name, array) -> {
                ArrayData read = ArrayData.of(opened.tensor(name));
                assertEquals(array.type(), read.type(), name);
                assertArrayEquals(array.shape(), read.shape(), name);
                assertEquals(array.bytes(), read.bytes(), name);
                assertEquals(array.bytes(), ArrayData.of(array.toTensor()).bytes(), name);
            });
        }
    }

    @Test
    void aFileThatIsTruncatedAfterItWasOpenedIsRefusedInOneLine() throws IOException {
        try (PointerScope scope = new PointerScope();
                SafetensorsFile opened = SafetensorsFile.open(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(Files.size(file) - 39);
            }
            String message = assertThrows(InvalidFileException.class, () -> {
                        opened.tensor("matrix");
                        opened.tensor("whole");
                    })
                    .getMessage();
            assertTrue(message.contains("was truncated while it was read"), message);
        }
    }
}
