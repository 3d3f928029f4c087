package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of a store where the operating system reaches them: those of the store itself, or copies in a private folder of this machine,
 * which {@link #close} removes.
 *
 * @param store of the files
 * @param folder in which they are, under the same names
 */
record Staging(Store store, Path folder) implements AutoCloseable {
    static Staging of(Store store, List<String> names) {
        if (store instanceof LocalStore here) {
            return new Staging(store, here.root());
        }
        Staging copies = new Staging(store, InputMirror.scratch());
        try {
            names.forEach(name -> store.fetch(name, copies.folder));
            return copies;
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
        if (!(store instanceof LocalStore)) {
            AtomicFiles.deleteFolder(folder);
        }
    }
}
