package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Brings files to where the operating system reaches them. Stateless. */
final class Staging {
    private Staging() {}

    /**
     * Work on files of a store.
     *
     * @param names of the files
     * @param work on the folder in which they are: that of the store, or a copy of these files, which is removed after the work
     */
    static <R> R of(Store store, List<String> names, Function<Path, R> work) {
        if (store instanceof LocalStore here) {
            return work.apply(here.root());
        }
        Path scratch = InputMirror.scratch();
        try {
            names.forEach(name -> store.fetch(name, scratch));
            return work.apply(scratch);
        } finally {
            AtomicFiles.deleteFolder(scratch);
        }
    }
}
