package dev.preceptor.tensor;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_gloo;
import org.bytedeco.pytorch.global.torch_nccl;

/**
 * Opens libtorch: the only class that loads native code. Every other class that touches a tensor calls {@link #open()}
 * first, directly or through one that did; opening twice costs nothing.
 */
public final class Torch {
    private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([0-9][^,\\s]*)");

    private Torch() {}

    private static final class Holder {
        static final Opening OPENING = attempt();

        /** An exception that left here would reach the second caller as another one. */
        private static Opening attempt() {
            try {
                return new Opening(load(), null);
            } catch (PreceptorException e) {
                return new Opening(null, e);
            }
        }

        private static Path load() {
            Path cache = NativeCache.open();
            try {
                // All libraries are unpacked before the first is loaded: otherwise libtorch.so, loaded while the others
                // are still in the jar, finds those of another libtorch on the linker path and the JVM crashes.
                Loader.cacheResources(Torch.class, "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/");
                Loader.load(torch.class);
                // OpenBLAS has threads of its own, which heed no setting of libtorch and burn a core while they wait.
                openblas_nolapack.blas_set_num_threads(1);
            } catch (IOException | UnsatisfiedLinkError e) {
                throw new PreceptorException(
                        "libtorch for " + Loader.getPlatform() + " cannot be loaded: " + Reason.of(e)
                                + "; the distribution for this platform must be on the class path, and the folder "
                                + cache
                                + " writable and not mounted noexec (" + NativeCache.VARIABLE + " names another)",
                        e);
            }
            NativeCache.learn(cache);
            return cache;
        }
    }

    /** What came of loading: the cache, or why there is none. */
    private record Opening(Path cache, PreceptorException failure) {}

    /**
     * Loads libtorch, unpacking it to a private cache the first time (a few seconds) and verifying what lies there each time
     * (about half a second). The cache is the folder {@code PRECEPTOR_CACHE} or {@code -Dorg.bytedeco.javacpp.cachedir} or,
     * without both, one of this user's; the system property is set to it. Warnings go to the {@link System.Logger} of this
     * package.
     *
     * @throws PreceptorException if there is no libtorch for this platform, or the cache cannot be written or is open to
     *     other users
     */
    public static void open() {
        cacheFolder();
    }

    /** Loads what processes talk to each other with. */
    public static void openGloo() {
        open();
        Loader.load(torch_gloo.class);
    }

    /**
     * Loads what GPUs talk to each other with.
     *
     * @throws PreceptorException if this build of libtorch has none
     */
    public static void openNccl() {
        open();
        try {
            Loader.load(torch_nccl.class);
        } catch (UnsatisfiedLinkError e) {
            throw new PreceptorException(
                    "NCCL cannot be loaded: " + Reason.of(e)
                            + "; several GPUs need the gpu build (mvn -Pgpu) and libnccl.so.2 on the library path",
                    e);
        }
    }

    /**
     * Sets how many threads one operation may use, process-wide; results repeat to the bit only with the same number.
     *
     * @param threads how many; 0 for as many as there are cores
     */
    public static void useThreads(int threads) {
        open();
        torch.set_num_threads(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }

    /** Whether NVIDIA GPUs may round the products of float32 convolutions and matrices to TF32, process-wide. */
    public static void allowTf32(boolean allowed) {
        open();
        try (PointerScope scope = new PointerScope()) {
            Context context = torch.globalContext();
            context.setAllowTF32CuDNN(allowed);
            context.setAllowTF32CuBLAS(allowed);
        }
    }

    /** How many threads one operation may use. */
    public static int threads() {
        open();
        return torch.get_num_threads();
    }

    /**
     * A device by name.
     *
     * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws PreceptorException if this machine or this build of libtorch has no such device
     */
    public static Device device(String name) {
        open();
        if (!name.matches("cpu|cuda(:[0-9]+)?")) {
            throw new PreceptorException("unknown device \"" + name + "\"; use cpu, cuda or cuda:N");
        }
        if (name.startsWith("cuda")) {
            int wanted = name.contains(":") ? Integer.parseInt(name.substring(5)) : 0;
            int present = cudaDevices();
            if (wanted >= present) {
                throw new PreceptorException("device " + name + " is not there: libtorch sees " + present
                        + " CUDA devices; a GPU needs the gpu build (mvn -Pgpu) and its driver");
            }
        }
        return Tensors.keep(new Device(name));
    }

    /** How many CUDA devices this build of libtorch can use; 0 in the CPU build. */
    public static int cudaDevices() {
        open();
        return torch.cuda_is_available() ? (int) torch.cuda_device_count() : 0;
    }

    /** The version of libtorch, for instance {@code 2.10.0}. */
    public static String version() {
        open();
        Matcher found = VERSION.matcher(torch.show_config().getString());
        return found.find() ? found.group(1) : "of unknown version";
    }

    /** The vector instructions that libtorch chose for this processor, for instance {@code AVX2}. */
    public static String cpuCapability() {
        open();
        return torch.get_cpu_capability().getString();
    }

    /** Where the native libraries are unpacked and loaded from; opens libtorch. */
    public static Path cacheFolder() {
        if (Holder.OPENING.failure() != null) {
            throw Holder.OPENING.failure();
        }
        return Holder.OPENING.cache();
    }
}
