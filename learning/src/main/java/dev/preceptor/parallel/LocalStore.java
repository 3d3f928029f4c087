package dev.preceptor.parallel;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;

/**
 * The store through which libtorch's process groups exchange addresses, private to this process: a file in a folder that only
 * its owner can enter. A thread copies the few keys that a group writes to the {@link KeyValueStore} of the ranks, and those
 * that it reads from there, so that libtorch itself listens to nobody.
 *
 * <p>Ownership: the binding makes a store with a plain C++ {@code new} and deletes it when Java lets go of it, whatever group
 * still refers to it; the group's last release then writes into freed memory. A clone is made by libtorch and freed with its last
 * reference, so clones alone are handed out.
 */
final class LocalStore implements AutoCloseable {
    private static final int PAUSE_MILLIS = 10;

    private final Path folder;
    private final Store store;
    private final Store mirror;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param shared the store of the ranks
     * @param prefix of the keys there
     * @param written keys that the group of this process writes
     * @param read keys that it reads
     * @param patience for each key
     */
    LocalStore(KeyValueStore shared, String prefix, List<String> written, List<String> read, Duration patience) {
        try {
            folder = Files.createTempDirectory("preceptor-ranks-");
        } catch (IOException e) {
            throw new PreceptorException(
                    System.getProperty("java.io.tmpdir") + ": no folder can be made here: " + AtomicFiles.reason(e)
                            + "; make room, or name another place with JAVA_OPTS=-Djava.io.tmpdir=DIR",
                    e);
        }
        store = open(patience);
        mirror = open(patience);
        thread = new Thread(() -> copy(shared, prefix, written, read, patience), "addresses of the ranks");
        thread.setDaemon(true);
        thread.start();
    }

    private Store open(Duration patience) {
        try (FileStore made = new FileStore(folder.resolve("store").toString(), Integer.MAX_VALUE)) {
            Store counted = Tensors.keep(made.clone());
            counted.setTimeout(new Milliseconds(patience.toMillis()));
            return counted;
        }
    }

    /** What a process group is made with. */
    Store store() {
        return store;
    }

    private void copy(KeyValueStore shared, String prefix, List<String> written, List<String> read, Duration patience) {
        try (PointerScope scope = new PointerScope()) {
            for (String key : written) {
                try (StringVector keys = new StringVector(key)) {
                    if (!awaited(() -> mirror.check(keys), patience)) {
                        return;
                    }
                }
                shared.set(prefix + key, mirror.get(key).get());
            }
            for (String key : read) {
                if (!awaited(() -> shared.get(prefix + key).isPresent(), patience)) {
                    return;
                }
                Optional<byte[]> value = shared.get(prefix + key);
                try (ByteVector bytes = new ByteVector(value.orElseThrow())) {
                    mirror.set(key, bytes);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The group that waits for these keys says that they did not come.
            return;
        }
    }

    private interface Condition {
        boolean holds();
    }

    private boolean awaited(Condition condition, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.holds()) {
            if (closed || System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
        return true;
    }

    /** Whether the copying thread has ended. */
    private boolean stop() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Removes the folder, which no group may need any more; the native parts stay for good if the thread still uses them. */
    @Override
    public void close() {
        if (stop()) {
            Tensors.release(mirror);
            Tensors.release(store);
        } else {
            Abandoned.keep(this);
        }
        AtomicFiles.deleteFolder(folder);
    }
}
