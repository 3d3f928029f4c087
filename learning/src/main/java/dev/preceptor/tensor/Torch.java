package dev.preceptor.tensor;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
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
 * Loads libtorch and sets its process-wide options. No other class loads native code. Code that uses tensors must call
 * {@link #open()} first, directly or through another class; further calls cost nothing.
 */
public final class Torch {
    private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([0-9][^,\\s]*)");

    private Torch() {}

    private static final class Holder {
        static final Opening OPENING = attempt();

        /** Returns an exception instead of throwing it, for a second caller would only get a NoClassDefFoundError. */
        private static Opening attempt() {
            try {
                return load();
            } catch (PreceptorException e) {
                return new Opening(null, Map.of(), e);
            }
        }

        private static Opening load() {
            Path cache = NativeCache.open();
            try {
                // All libraries are unpacked before the first is loaded. Otherwise libtorch.so would link to another
                // libtorch on the linker path while its own libraries are still in the jar, and the JVM would crash.
                // The libraries of CUDA, if they are on the class path, are unpacked with it and have been verified
                // with it.
                String platform = Loader.getPlatform();
                for (String folder :
                        List.of("pytorch/" + platform, "pytorch/" + platform + "-gpu", "cuda/" + platform)) {
                    Loader.cacheResources(Torch.class, "/org/bytedeco/" + folder + "/");
                }
                Loader.load(torch.class);
                // cuDNN would round to TF32 unless told otherwise.
                setTf32(false);
                // OpenBLAS has its own threads, which ignore libtorch's settings and keep a core busy while they wait.
                openblas_nolapack.blas_set_num_threads(1);
            } catch (IOException | LinkageError e) {
                Map<String, String> missing = missing(cache);
                return new Opening(cache, missing, failure(cache, missing, e));
            }
            return new Opening(cache, Map.of(), null);
        }

        private static PreceptorException failure(Path cache, Map<String, String> missing, Throwable e) {
            String what = "libtorch for " + Loader.getPlatform() + " cannot be loaded: ";
            if (!missing.isEmpty()) {
                return new PreceptorException(
                        what + "this machine lacks " + String.join(", ", missing.keySet())
                                + "; \"preceptor doctor\" says what brings them"
                                + (NativeCache.libraries(cache).toString().contains("libtorch_cuda")
                                        ? ", and the build without -Pgpu does not need those of CUDA"
                                        : ""),
                        e);
            }
            return new PreceptorException(
                    what + Reason.of(e)
                            + "; the distribution for this platform must be on the class path, and the folder "
                            + cache
                            + " writable and not mounted noexec (name another one with " + NativeCache.VARIABLE
                            + ")",
                    e);
        }

        private static Map<String, String> missing(Path cache) {
            return new MissingLibraries(NativeCache.libraries(cache), MissingLibraries.linkerFolders()).find();
        }
    }

    /** The result of loading: the cache folder if there is one, the libraries that are missing, and the failure if it failed. */
    private record Opening(Path cache, Map<String, String> missing, PreceptorException failure) {}

    /**
     * Loads libtorch. The first process unpacks it to a private cache folder (a few seconds), and each process verifies the
     * libraries there (about a tenth of a second). The folder is {@code -Dorg.bytedeco.javacpp.cachedir}, {@code PRECEPTOR_CACHE},
     * or else one in the user's own caches; the system property is set to it. Warnings go to the {@link System.Logger} of
     * this package.
     *
     * @throws PreceptorException if there is no libtorch for this platform, or if the cache folder cannot be written to or
     *     other users can write to it
     */
    public static void open() {
        cacheFolder();
    }

    /** Loading that has begun on another thread. */
    public static final class Meanwhile implements AutoCloseable {
        private final FutureTask<Path> loading = new FutureTask<>(Torch::cacheFolder);

        private Meanwhile() {
            DaemonThreads.of("libtorch", loading).start();
        }

        /** Waits for its end, also after a failure: a process must not exit while libraries are being loaded. */
        @Override
        public void close() {
            Parallel.finished(loading);
        }
    }

    /**
     * Begins {@link #open()} on a thread of its own, so that files can be read meanwhile. The first call that needs libtorch waits for
     * it, and throws what it threw.
     */
    public static Meanwhile openMeanwhile() {
        return new Meanwhile();
    }

    /** Why libtorch cannot be loaded, in one line; empty if it is. */
    public static Optional<String> failure() {
        return Optional.ofNullable(Holder.OPENING.failure()).map(PreceptorException::getMessage);
    }

    /** The libraries without which libtorch cannot be loaded, one line each: its name, who needs it, and what brings it. */
    public static List<String> missingLibraries() {
        return Holder.OPENING.missing().entrySet().stream()
                .map(library -> library.getKey() + ", which " + library.getValue() + " needs: "
                        + MissingLibraries.remedy(library.getKey()))
                .toList();
    }

    /** Loads Gloo, the communication library for CPUs. */
    public static void openGloo() {
        open();
        Loader.load(torch_gloo.class);
    }

    /**
     * Loads NCCL, the communication library for NVIDIA GPUs.
     *
     * @throws PreceptorException if this build of libtorch lacks it
     */
    public static void openNccl() {
        open();
        try {
            Loader.load(torch_nccl.class);
        } catch (LinkageError | TypeNotPresentException | ArrayStoreException e) {
            // Without CUDA's classes JavaCPP cannot read what libtorch's NCCL inherits.
            throw new PreceptorException(
                    "NCCL cannot be loaded: " + Reason.of(e)
                            + "; several GPUs need the gpu build (mvn -Pgpu) and libnccl.so.2 on the library path",
                    e);
        }
    }

    /**
     * Sets the number of threads per operation, process-wide. Results are bit-identical only with the same number.
     *
     * @param threads number of threads; 0 or less for the number of cores
     */
    public static void useThreads(int threads) {
        open();
        torch.set_num_threads(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }

    /** Whether NVIDIA GPUs may round the products of float32 convolutions and matrices to TF32, process-wide; by default they may not. */
    public static void allowTf32(boolean allowed) {
        open();
        setTf32(allowed);
    }

    private static void setTf32(boolean allowed) {
        try (PointerScope scope = new PointerScope()) {
            Context context = torch.globalContext();
            context.setAllowTF32CuDNN(allowed);
            context.setAllowTF32CuBLAS(allowed);
        }
    }

    /** The number of threads per operation. */
    public static int threads() {
        open();
        return torch.get_num_threads();
    }

    /**
     * A device by name.
     *
     * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
     * @return the device, to be freed with {@link Tensors#release}
     * @throws PreceptorException if this machine or this build of libtorch has no such device
     */
    public static Device device(String name) {
        open();
        if (!name.matches("cpu|cuda(:[0-9]{1,4})?")) {
            throw new PreceptorException("unknown device \"" + name + "\"; use cpu, cuda or cuda:N");
        }
        if (name.startsWith("cuda")) {
            int index = name.contains(":") ? Integer.parseInt(name.substring(5)) : 0;
            int present = cudaDevices();
            if (index >= present) {
                throw new PreceptorException("device " + name + " does not exist: libtorch sees " + present
                        + " CUDA devices; a GPU needs the gpu build (mvn -Pgpu) and its driver");
            }
        }
        return Tensors.keep(new Device(name));
    }

    /** The number of CUDA devices that this build of libtorch can use; 0 in the CPU build. */
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

    /** The vector instructions that libtorch uses on this processor, for instance {@code AVX2}. */
    public static String cpuCapability() {
        open();
        return torch.get_cpu_capability().getString();
    }

    /**
     * The folder from which the native libraries were loaded; opens libtorch.
     *
     * @throws PreceptorException as {@link #open()}
     */
    public static Path cacheFolder() {
        if (Holder.OPENING.failure() != null) {
            throw Holder.OPENING.failure();
        }
        return Holder.OPENING.cache();
    }
}
