package dev.preceptor.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Finds the libraries that libtorch needs and this machine lacks, before or after the linker has named the first of them. Works on
 * Linux; elsewhere nothing is found missing.
 */
final class MissingLibraries {
    /** Loaded only by a command that several processes or GPUs need. */
    private static final List<String> OPTIONAL = List.of("libjnitorch_nccl.so", "libjnitorch_gloo.so");

    private static final List<String> SYSTEM_FOLDERS = List.of(
            "/lib64",
            "/usr/lib64",
            "/lib",
            "/usr/lib",
            "/lib/x86_64-linux-gnu",
            "/usr/lib/x86_64-linux-gnu",
            "/lib/aarch64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/local/lib");

    /** Where JavaCPP looks for the libraries of CUDA as well, see the classes of {@code org.bytedeco.pytorch.presets}. */
    private static final List<String> CUDA_FOLDERS = List.of(
            "/usr/local/cuda-13.1/lib64",
            "/usr/local/cuda-13.1/extras/CUPTI/lib64",
            "/usr/local/cuda/lib64",
            "/usr/local/cuda/extras/CUPTI/lib64");

    private static final String CUDA_JNI = Path.of("org", "bytedeco", "cuda").toString();
    private static final String WHEELS = " (pip has it in NVIDIA's wheels: docs/guide/training.md, section GPU)";

    private final Map<String, Path> unpacked = new TreeMap<>();
    private final List<Path> folders;

    /**
     * @param unpacked the libraries from the jars
     * @param folders where the linker looks for others
     */
    MissingLibraries(Collection<Path> unpacked, List<Path> folders) {
        unpacked.forEach(file -> this.unpacked.put(file.getFileName().toString(), file));
        this.folders = folders;
    }

    /** The folders in which the linker of this system and JavaCPP look for libraries. */
    static List<Path> linkerFolders() {
        return linkerFolders(Path.of("/"), System::getenv);
    }

    /**
     * {@link #linkerFolders()} of another system.
     *
     * @param root of the file system
     * @param environment the environment variables; null for one that is not set
     */
    static List<Path> linkerFolders(Path root, UnaryOperator<String> environment) {
        Set<Path> folders = new LinkedHashSet<>();
        String named = environment.apply("LD_LIBRARY_PATH");
        Stream.of((named == null ? "" : named).split(":"))
                .filter(folder -> !folder.isBlank())
                .forEach(folder -> folders.add(Path.of(folder)));
        addConfigured(root, folders);
        Stream.concat(SYSTEM_FOLDERS.stream(), CUDA_FOLDERS.stream())
                .forEach(folder -> folders.add(root.resolve(folder.substring(1))));
        return List.copyOf(folders);
    }

    private static void addConfigured(Path root, Set<Path> folders) {
        Path included = root.resolve("etc/ld.so.conf.d");
        List<Path> files = new ArrayList<>(List.of(root.resolve("etc/ld.so.conf")));
        try {
            if (Files.isDirectory(included)) {
                try (Stream<Path> more = Files.list(included)) {
                    more.sorted().forEach(files::add);
                }
            }
            for (Path file : files) {
                if (Files.isRegularFile(file)) {
                    for (String line : Files.readAllLines(file)) {
                        if (line.startsWith("/")) {
                            folders.add(root.resolve(line.strip().substring(1)));
                        }
                    }
                }
            }
        } catch (IOException | InvalidPathException e) {
            // The folders that every linker knows remain.
        }
    }

    /** The missing libraries, each with the library that needs it, its name first. */
    Map<String, String> find() {
        Map<String, String> missing = new TreeMap<>();
        Deque<String> open = new ArrayDeque<>();
        unpacked.forEach((name, file) -> {
            // JavaCPP's classes for CUDA serve programs that call CUDA themselves; of theirs, NCCL alone is loaded.
            boolean isOfCuda = file.toString().contains(CUDA_JNI);
            if (name.startsWith("libjni") && !OPTIONAL.contains(name) && !isOfCuda) {
                open.add(name);
            }
        });
        Set<String> seen = new LinkedHashSet<>(open);
        while (!open.isEmpty()) {
            String name = open.remove();
            for (String needed : needed(unpacked.get(name))) {
                if (!seen.add(needed)) {
                    continue;
                }
                if (unpacked.containsKey(needed)) {
                    open.add(needed);
                } else if (folders.stream().noneMatch(folder -> Files.exists(folder.resolve(needed)))) {
                    missing.put(needed, name);
                }
            }
        }
        return missing;
    }

    private static List<String> needed(Path library) {
        try {
            return ElfLibrary.needed(library);
        } catch (IOException e) {
            // The linker names the damaged file.
            return List.of();
        }
    }

    /** What brings a library to this machine. */
    static String remedy(String name) {
        if (name.startsWith("libcudnn")) {
            return "install cuDNN " + major(name) + " for CUDA from NVIDIA, or add its folder to LD_LIBRARY_PATH"
                    + WHEELS;
        }
        if (name.startsWith("libnccl")) {
            return "install NCCL " + major(name)
                    + " from NVIDIA (package libnccl2), or add its folder to LD_LIBRARY_PATH" + WHEELS;
        }
        if (name.startsWith("libcuda.so") || name.startsWith("libnvidia")) {
            return "install the driver of the NVIDIA GPU; it cannot come with a program";
        }
        if (name.matches("lib(cu|nv)[a-zA-Z]+\\.so.*")) {
            return "install the libraries of CUDA from NVIDIA (package cuda-libraries, libcupti from cuda-cupti), or add their folder to"
                    + " LD_LIBRARY_PATH" + WHEELS;
        }
        if (name.startsWith("libgomp") || name.startsWith("libstdc++") || name.startsWith("libgcc_s")) {
            return "install the package " + name.replaceAll("\\.so.*", "").replace("libgcc_s", "libgcc-s") + major(name)
                    + " of this system";
        }
        return "install the package of this system that holds it, or add its folder to LD_LIBRARY_PATH";
    }

    private static String major(String name) {
        return name.matches(".*\\.so\\.[0-9].*") ? name.replaceAll(".*\\.so\\.([0-9]+).*", "$1") : "";
    }
}
