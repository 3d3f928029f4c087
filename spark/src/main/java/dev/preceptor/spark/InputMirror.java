package dev.preceptor.spark;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.base.TemporaryFolder;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.Subject;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A folder of inputs as the driver sees it: the folder itself, or, of a folder that the operating system does not reach, a private copy
 * in which images are empty. Descriptions such as {@code dataset.json} are copied at once, label maps when they are needed. {@link #close}
 * removes the copy. Not thread-safe.
 */
public final class InputMirror implements AutoCloseable {
    private static final long MAX_BYTES = 1 << 20;
    /** A label map is small, and its file system far. */
    private static final int THREADS = 8;
    /** Where nnU-Net and MSD keep the description of a folder of label maps, such as {@code fold_0/validation}. */
    private static final int ANCESTORS = 2;

    private static final String DESCRIPTION = "dataset.json";

    private final Path place;
    private final Store store;
    private final Path folder;
    private final Optional<TemporaryFolder> copies;
    private final Map<String, Long> sizes = new TreeMap<>();
    private final TreeSet<String> empty = new TreeSet<>();
    /** What messages say instead of paths of the copy, the longest first. */
    private final Map<String, String> names = new LinkedHashMap<>();

    private InputMirror(Path place, Store store, Path folder, Optional<TemporaryFolder> copies) {
        this.place = place;
        this.store = store;
        this.folder = folder;
        this.copies = copies;
    }

    /**
     * Lists a folder.
     *
     * @param place a path or URI, see {@link Place}
     * @throws PreceptorException if a URI cannot be listed or is that of a file
     */
    public static InputMirror of(Path place) {
        Store store = Store.at(Place.of(place));
        if (store instanceof MountedStore) {
            return new InputMirror(place, store, place, Optional.empty());
        }
        Map<String, Long> files = store.files("");
        TemporaryFolder copies = StagingFolders.folder();
        InputMirror mirror = new InputMirror(place, store, below(copies.path(), place), Optional.of(copies));
        try {
            mirror.fill(files);
            return mirror;
        } catch (RuntimeException e) {
            mirror.close();
            throw e;
        }
    }

    /** The names of the folders above decide what the layouts of some tools mean, so the copy has them too. */
    private static Path below(Path top, Path place) {
        int names = place.getNameCount();
        // The first name is the scheme.
        return top.resolve(
                        place.subpath(Math.max(1, names - 1 - ANCESTORS), names).toString())
                .normalize();
    }

    private void fill(Map<String, Long> files) {
        sizes.putAll(files);
        List<String> descriptions = new ArrayList<>();
        files.forEach((name, bytes) -> {
            if (bytes <= MAX_BYTES && name.toLowerCase(Locale.ROOT).matches(".*\\.(json|csv|tsv|txt)")) {
                descriptions.add(name);
            } else {
                touch(folder.resolve(name));
                empty.add(name);
            }
        });
        Parallel.map(descriptions, THREADS, name -> store.fetch(name, folder));
        names.put(folder.toString(), store.place());
        Path above = place;
        Path copy = folder;
        while (!copy.getParent().equals(copies.orElseThrow().path())) {
            above = above.getParent();
            copy = copy.getParent();
            Store outer = Store.at(Place.of(above));
            names.put(copy.toString(), outer.place());
            fetchDescription(outer, copy);
        }
    }

    private static void fetchDescription(Store outer, Path copy) {
        try {
            if (outer.read(DESCRIPTION).isPresent()) {
                outer.fetch(DESCRIPTION, copy);
            }
        } catch (PreceptorException e) {
            // Who may read the inputs alone has no description of them above.
            return;
        }
    }

    private static void touch(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be created: " + Reason.of(e), e);
        }
    }

    /** The folder to search. */
    public Path folder() {
        return folder;
    }

    /** Whether the operating system reaches the folder, so that its images can be read by the driver too. */
    public boolean isLocal() {
        return copies.isEmpty();
    }

    /** The folder as the executors reach it: an absolute path, or the URI of the store. */
    String place() {
        return isLocal() ? place.toAbsolutePath().normalize().toString() : store.place();
    }

    /** A text that names files of the folder instead of those of the copy. */
    public String named(String text) {
        String named = text;
        for (Map.Entry<String, String> name : names.entrySet()) {
            named = named.replace(name.getKey(), name.getValue());
        }
        return named;
    }

    /** Work whose errors name files of the folder instead of those of the copy. */
    public <R> R naming(Supplier<R> work) {
        try {
            return work.get();
        } catch (PreceptorException e) {
            throw isLocal() ? e : new PreceptorException(named(e.getMessage()), e);
        }
    }

    /**
     * The cohort in the folder; its images can be read only if the folder {@linkplain #isLocal is local}.
     *
     * @param schema the label schema; without one the label maps are copied, for it is derived from their headers or values
     * @throws PreceptorException as {@link Cohort#open(Path, Optional)}
     */
    public Cohort cohort(Optional<LabelSpace> schema) {
        requireNifti();
        return naming(() -> {
            if (!isLocal() && schema.isEmpty()) {
                fetch(Cohort.openImages(folder).subjects().stream()
                        .flatMap(subject -> subject.labelFile().stream())
                        .toList());
            }
            return Cohort.open(folder, schema);
        });
    }

    /** Refuses a copy of DICOM files, whose names do not say which of them are a series. */
    void requireNifti() {
        if (!sizes.isEmpty() && sizes.keySet().stream().noneMatch(InputMirror::isNifti)) {
            throw new InvalidCohortException(store.place()
                    + ": holds no NIfTI file, and a cluster reads DICOM only from a path that its machines mount; give"
                    + " that path, or convert the series first (dcm2niix)");
        }
    }

    private static boolean isNifti(String name) {
        return Nifti.isNamedSingle(Path.of(name));
    }

    /**
     * Copies the label maps. In folders below, names say which files these are; of files right in the folder, and of DICOM files, only the
     * content does, except for probabilities.
     */
    void fetchLabelMaps() {
        if (isLocal()) {
            return;
        }
        fetch(empty.stream()
                .filter(name -> !name.contains("/") && !ProbabilityNames.isProbabilities(name))
                .filter(name -> isNifti(name) || name.toLowerCase(Locale.ROOT).endsWith(".dcm"))
                .map(folder::resolve)
                .toList());
        LabelFiles found = naming(() -> LabelFiles.at(folder));
        fetch(found.byId().values());
    }

    /** Copies the images of some subjects of a cohort; nothing if the folder is none. */
    void fetchImages(Collection<String> ids) {
        if (isLocal()) {
            return;
        }
        Cohort cohort;
        try {
            cohort = Cohort.openImages(folder);
        } catch (PreceptorException e) {
            // A folder of label maps alone has no images.
            return;
        }
        fetch(cohort.subjects().stream()
                .filter(subject -> ids.contains(subject.id()))
                .map(Subject::imageSet)
                .flatMap(set -> set.images().values().stream())
                .flatMap(image -> image.files().stream())
                .toList());
    }

    private void fetch(Collection<Path> files) {
        List<String> missing =
                files.stream().map(this::name).filter(empty::remove).toList();
        Parallel.map(missing, THREADS, name -> store.fetch(name, folder));
    }

    /** The name of a file below the folder; absolute where it does not lie below it, for example behind a link. */
    String name(Path file) {
        return SubjectManifest.name(folder, file);
    }

    /** The names of all files below the folder; none of a local one. */
    Collection<String> names() {
        return sizes.keySet();
    }

    /** The bytes of the files of a subject. */
    long bytes(SubjectManifest subject) {
        return isLocal()
                ? subject.bytes(folder)
                : subject.files().stream()
                        .mapToLong(name -> sizes.getOrDefault(name, 0L))
                        .sum();
    }

    @Override
    public void close() {
        copies.ifPresent(TemporaryFolder::close);
    }
}
