package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.Size;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TensorsTest {
    private static final Size SIZE = new Size(2, 3, 4);

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static float[] counted() {
        float[] voxels = new float[SIZE.voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = i;
        }
        return voxels;
    }

    @Test
    void voxelXyzIsTheElementXyzOfItsTensor() {
        float[] voxels = counted();
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = Tensors.ofVoxels(voxels, SIZE);
            assertArrayEquals(new long[] {2, 3, 4}, Tensors.shape(tensor));
            float[] lastFastest = Tensors.toFloats(tensor);
            for (int x = 0; x < 2; x++) {
                for (int y = 0; y < 3; y++) {
                    for (int z = 0; z < 4; z++) {
                        assertEquals(voxels[SIZE.index(x, y, z)], lastFastest[z + 4 * (y + 3 * x)]);
                    }
                }
            }
            assertArrayEquals(voxels, Tensors.toVoxels(tensor));
        }
    }

    @Test
    void aTensorOnADeviceIsACopyOfItsArrayInTheSameOrder() {
        float[] values = counted();
        byte[] small = {-128, 0, 127, 3};
        try (PointerScope scope = new PointerScope()) {
            Device cpu = Torch.device("cpu");
            Tensor floats = Tensors.onDevice(values, cpu, 2, 3, 4);
            Tensor bytes = Tensors.onDevice(small, cpu, 2, 2);
            assertArrayEquals(new long[] {2, 3, 4}, Tensors.shape(floats));
            assertArrayEquals(Tensors.toFloats(Tensors.of(values, 2, 3, 4)), Tensors.toFloats(floats));
            assertEquals(torch.ScalarType.Char.toString(), bytes.scalar_type().toString());
            assertArrayEquals(new float[] {-128, 0, 127, 3}, Tensors.toFloats(bytes));
            values[0] = 9;
            small[0] = 9;
            assertEquals(0, Tensors.toFloats(floats)[0]);
            assertEquals(-128, Tensors.toFloats(bytes)[0]);
        }
    }

    @Test
    void ncclThatThisBuildLacksIsRefusedInOneLine() {
        assumeTrue(Torch.cudaDevices() == 0, "skipped: this machine has a GPU");
        String message = assertThrows(PreceptorException.class, Torch::openNccl).getMessage();
        assertTrue(message.startsWith("NCCL cannot be loaded: ") && message.contains("-Pgpu"), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void aTensorIsACopyOfItsArray() {
        float[] values = {1, 2};
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = Tensors.of(values, 2);
            values[0] = 9;
            assertArrayEquals(new float[] {1, 2}, Tensors.toFloats(tensor));
        }
    }

    @Test
    void aKeptTensorSurvivesItsScope() {
        Tensor kept;
        try (PointerScope scope = new PointerScope()) {
            kept = Tensors.keep(Tensors.of(new float[] {5}, 1));
        }
        assertArrayEquals(new float[] {5}, Tensors.toFloats(kept));
        Tensors.release(kept);
        assertTrue(kept.isNull());
    }

    @Test
    void theResultOfAnInnerScopeBelongsToTheOuterOne() {
        Tensor[] inner = new Tensor[1];
        Tensor result;
        try (PointerScope scope = new PointerScope()) {
            result = Tensors.scoped(() -> {
                inner[0] = Tensors.of(new float[] {5}, 1);
                return inner[0].add(inner[0]);
            });
            assertTrue(inner[0].isNull());
            assertArrayEquals(new float[] {10}, Tensors.toFloats(result));
        }
        assertTrue(result.isNull());
    }

    @Test
    void memoryStaysFlatOverManyConversions() {
        float[] megabyte = new float[1 << 18];
        long before = 0;
        for (int i = 0; i < 2050; i++) {
            if (i == 50) {
                before = Pointer.physicalBytes();
            }
            try (PointerScope scope = new PointerScope()) {
                Tensors.toFloats(Tensors.scoped(
                        () -> Tensors.of(megabyte, megabyte.length).add(Tensors.of(megabyte, megabyte.length))));
            }
        }
        long grown = Pointer.physicalBytes() - before;
        // The Java heap may become resident during the test; leaked tensors would take more than its size.
        long allowed = Runtime.getRuntime().totalMemory() + (100L << 20);
        assertTrue(grown < allowed, "2000 conversions of a MiB left " + (grown >> 20) + " MiB");
    }

    @Test
    void anUnknownDeviceIsRefused() {
        assertThrows(PreceptorException.class, () -> Torch.device("tpu"));
        assertThrows(PreceptorException.class, () -> Torch.device("cuda:99"));
        assertThrows(PreceptorException.class, () -> Torch.device("cuda:99999999999"));
    }
}
