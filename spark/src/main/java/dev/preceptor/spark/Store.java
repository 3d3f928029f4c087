package dev.preceptor.spark;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files below one place that driver and executors reach. Names are relative, with slashes. A file is written aside and renamed, so
 * that it is there as a whole or not at all. Implementations are thread-safe; all methods throw
 * {@link dev.preceptor.base.PreceptorException} with the file and the reason.
 */
interface Store {
    /** The store of a place. */
    static Store at(Place place) {
        return place.uri().<Store>map(HadoopStore::new).orElseGet(() -> new MountedStore(place.path()));
    }

    /** The folder as users name it. */
    String place();

    /** The bytes of a file; empty if it does not exist. */
    Optional<byte[]> read(String name);

    /** Writes a file, with the folders that it needs. */
    void write(String name, byte[] content);

    /** The files below a folder at any depth, with their sizes in bytes; none if the folder does not exist. */
    Map<String, Long> files(String folder);

    /** Removes a file or a folder with everything in it; one that does not exist is no error. */
    void delete(String name);

    /**
     * A local file with the content of a file of this store: the file itself where the operating system reaches it.
     *
     * @param scratch folder of this machine that may receive the copy, under the same name
     */
    Path fetch(String name, Path scratch);

    /** Copies a local file into this store; nothing where it is the same file. */
    void keep(Path local, String name);

    /** Several files, each as {@link #keep}, in their order. */
    default void keepAll(Path folder, List<String> names) {
        names.forEach(name -> keep(folder.resolve(name), name));
    }
}
