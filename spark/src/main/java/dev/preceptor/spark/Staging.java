package dev.preceptor.spark;

import dev.preceptor.base.TemporaryFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Files of a store where the operating system reaches them: those of the store itself, or copies in a private folder of this machine,
 * which {@link #close} removes.
 *
 * @param store of the files
 * @param folder in which they are, under the same names
 * @param copies the folder of the copies, if they are such
 */
record Staging(Store store, Path folder, Optional<TemporaryFolder> copies) implements AutoCloseable {
    static Staging of(Store store, List<String> names) {
        if (store instanceof MountedStore here) {
            return new Staging(store, here.root(), Optional.empty());
        }
        TemporaryFolder copies = StagingFolders.folder();
        try {
            names.forEach(name -> store.fetch(name, copies.path()));
            return new Staging(store, copies.path(), Optional.of(copies));
        } catch (RuntimeException e) {
            copies.close();
            throw e;
        }
    }

    /** A message that names the files of the store instead of the copies. */
    String named(String text) {
        return text.replace(folder.toString(), store.place());
    }

    @Override
    public void close() {
        copies.ifPresent(TemporaryFolder::close);
    }
}
