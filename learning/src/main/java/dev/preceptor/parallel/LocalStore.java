package dev.preceptor.parallel;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.DaemonThreads;
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
 * The libtorch store of one process, through which its process groups exchange addresses: a file in a folder that only the owner
 * can read. A thread copies the keys that a group writes to the {@link KeyValueStore} of the ranks, and the keys that it reads
 * from there, so that libtorch itself opens no port for the rendezvous.
 *
 * <p>Ownership: JavaCPP creates a store with C++ {@code new} and deletes it when Java releases it, even while a process group
 * refers to it; the group's last release then writes into freed memory. A clone is created by libtorch and freed with its last
 * reference, so only clones are handed out.
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
     * @param prefix of the keys in the shared store
     * @param written keys that the process group writes
     * @param read keys that it reads
     * @param timeout for each key
     */
    LocalStore(KeyValueStore shared, String prefix, List<String> written, List<String> read, Duration timeout) {
        try {
            folder = Files.createTempDirectory("preceptor-ranks-");
        } catch (IOException e) {
            throw new PreceptorException(
                    System.getProperty("java.io.tmpdir") + ": cannot create a folder here: " + AtomicFiles.reason(e)
                            + "; free some space, or name another folder by JAVA_OPTS=-Djava.io.tmpdir=DIR",
                    e);
        }
        store = open(timeout);
        mirror = open(timeout);
        thread = DaemonThreads.of("preceptor-rendezvous", () -> copy(shared, prefix, written, read, timeout));
        thread.start();
    }

    private Store open(Duration timeout) {
        try (FileStore file = new FileStore(folder.resolve("store").toString(), Integer.MAX_VALUE)) {
            Store clone = Tensors.keep(file.clone());
            clone.setTimeout(new Milliseconds(timeout.toMillis()));
            return clone;
        }
    }

    /** The store to pass to a process group. */
    Store store() {
        return store;
    }

    private void copy(KeyValueStore shared, String prefix, List<String> written, List<String> read, Duration timeout) {
        try (PointerScope scope = new PointerScope()) {
            for (String key : written) {
                try (StringVector keys = new StringVector(key)) {
                    if (!await(() -> mirror.check(keys), timeout)) {
                        return;
                    }
                }
                shared.set(prefix + key, mirror.get(key).get());
            }
            for (String key : read) {
                if (!await(() -> shared.get(prefix + key).isPresent(), timeout)) {
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
            // The process group reports the timeout of the key that it waits for.
            return;
        }
    }

    private interface Condition {
        boolean holds();
    }

    private boolean await(Condition condition, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!condition.holds()) {
            if (closed || System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
        return true;
    }

    /** Stops the copying thread; whether it has ended within 5 s. */
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

    /** Removes the folder; the process groups must be closed. Native objects that the thread still uses are never released. */
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
