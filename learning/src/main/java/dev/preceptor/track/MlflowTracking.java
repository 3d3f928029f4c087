package dev.preceptor.track;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.base.Settings;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Tells an MLflow server about a training: parameters from the recipe, metrics each epoch, how it ended. A thread of its own
 * does the talking and a bounded queue stands between, so that a server which is slow or away costs the training nothing: what
 * cannot be delivered is kept for the next try, the oldest is dropped when there is too much of it, and one line says so. A
 * resumed run goes on in the same MLflow run, known by {@code mlflow.json} in its folder, and tells no epoch twice.
 *
 * <p>Listens on the training thread; {@link #end} and {@link #close} are called there too.
 */
public final class MlflowTracking implements Consumer<TrainingEvent>, AutoCloseable {
    private static final int EPOCHS_WAITING = 1000;
    private static final long LAST_WORDS_MS = 10_000;
    private static final long BREATH_MS = 1000;

    /** How a training ended, as MLflow calls it. */
    public enum End {
        FINISHED,
        FAILED,
        KILLED
    }

    private record Told(TrainingEvent.EpochEnded epoch, long timeMs) {}

    private final URI server;
    private final String experiment;
    private final Path folder;
    private final Recipe recipe;
    private final Map<String, String> tags;
    private final Consumer<String> notices;
    private final MlflowClient client;
    /** From the training to the talker; nothing in it means that there will be no more. */
    private final BlockingQueue<Optional<Told>> epochs = new LinkedBlockingQueue<>(EPOCHS_WAITING);

    private final AtomicReference<String> trouble = new AtomicReference<>();
    private final long startMs = System.currentTimeMillis();
    private final Thread talker;
    private volatile End end;
    private boolean warned;

    // Of the talker alone.
    private final Deque<Told> undelivered = new ArrayDeque<>();
    private MlflowMemory known = new MlflowMemory("", "", Map.of());
    private boolean begun;
    private boolean paramsTold;

    private MlflowTracking(
            URI server,
            String experiment,
            Path folder,
            Recipe recipe,
            Map<String, String> tags,
            Consumer<String> notices) {
        this.server = server;
        this.experiment = experiment;
        this.folder = folder;
        this.recipe = recipe;
        this.tags = new LinkedHashMap<>(tags);
        this.notices = notices;
        this.client = new MlflowClient(server);
        this.talker = new Thread(this::talk, "preceptor-mlflow");
        talker.setDaemon(true);
    }

    /**
     * Listens. The server hears of the training once it has begun, and is asked for nothing on this thread.
     *
     * @param server for instance {@code http://localhost:5000}
     * @param experiment its name, made where there is none
     * @param run the folder of the run
     * @param tags told once, at the beginning
     * @param notices hears of trouble, once, on the thread of the training
     * @throws InvalidRecipeException if the server's address is none
     */
    public static MlflowTracking of(
            String server,
            String experiment,
            Path run,
            Recipe recipe,
            Map<String, String> tags,
            Consumer<String> notices) {
        return new MlflowTracking(address(server), experiment, run, recipe, tags, notices);
    }

    private static URI address(String server) {
        try {
            URI address = new URI(server);
            if (address.getHost() != null && String.valueOf(address.getScheme()).matches("https?")) {
                return address;
            }
        } catch (URISyntaxException e) {
            throw notAServer(server, e);
        }
        throw notAServer(server, null);
    }

    private static InvalidRecipeException notAServer(String server, Exception cause) {
        return new InvalidRecipeException(
                "an MLflow server is named by its address, for instance http://localhost:5000, not \"" + server + "\"",
                cause);
    }

    @Override
    public void accept(TrainingEvent event) {
        if (talker.getState() == Thread.State.NEW && !(event instanceof TrainingEvent.Notice)) {
            // Not before: the folder of a run must be empty until the training has claimed it, and there are notices
            // earlier.
            talker.start();
        }
        if (event instanceof TrainingEvent.EpochEnded ended
                && !epochs.offer(Optional.of(new Told(ended, System.currentTimeMillis())))) {
            trouble.compareAndSet(null, "more epochs are waiting for it than are kept");
        }
        warn();
    }

    /** Says how the training ended; without it the end is a failure. */
    public void end(End how) {
        end = how;
    }

    /** Waits some seconds for what is still to be told, no longer. */
    @Override
    public void close() {
        if (talker.getState() == Thread.State.NEW) {
            return;
        }
        if (end == null) {
            end = End.FAILED;
        }
        try {
            if (epochs.offer(Optional.empty(), LAST_WORDS_MS, TimeUnit.MILLISECONDS)) {
                talker.join(LAST_WORDS_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (talker.isAlive()) {
            trouble.compareAndSet(null, "it did not answer in time, and does not know how the training ended");
        }
        warn();
    }

    private void talk() {
        boolean isOver = false;
        try {
            while (!isOver) {
                boolean delivered = deliver();
                isOver = hear();
                if (!delivered && !isOver) {
                    Thread.sleep(BREATH_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (deliver()) {
            try {
                client.update(known.run(), end.name(), System.currentTimeMillis());
            } catch (IOException e) {
                trouble.compareAndSet(null, reason(e));
            }
        }
    }

    /** Waits for an epoch and takes all that are there; true if there will be no more. */
    private boolean hear() throws InterruptedException {
        Optional<Told> next = epochs.take();
        while (next != null) {
            if (next.isEmpty()) {
                return true;
            }
            if (undelivered.size() == EPOCHS_WAITING) {
                undelivered.removeFirst();
            }
            undelivered.addLast(next.get());
            next = epochs.poll();
        }
        return false;
    }

    /** Tells what is to be told; false if some of it is left. */
    private boolean deliver() {
        try {
            if (!begun) {
                begin();
            }
            if (!paramsTold) {
                client.params(known.run(), params());
                paramsTold = true;
            }
            while (!undelivered.isEmpty()) {
                List<Told> some = new ArrayList<>();
                List<MlflowClient.Metric> metrics = new ArrayList<>();
                for (Told epoch : undelivered) {
                    List<MlflowClient.Metric> own = metrics(epoch);
                    if (metrics.size() + own.size() > MlflowClient.METRICS_AT_ONCE) {
                        break;
                    }
                    some.add(epoch);
                    metrics.addAll(own);
                }
                if (!metrics.isEmpty()) {
                    client.metrics(known.run(), metrics);
                }
                remember(some);
            }
            return true;
        } catch (IOException | PreceptorException e) {
            trouble.compareAndSet(null, reason(e));
            return false;
        }
    }

    private void begin() throws IOException {
        known = MlflowMemory.in(folder, server.toString());
        if (!known.run().isEmpty()) {
            try {
                client.update(known.run(), "RUNNING", 0);
                paramsTold = true;
                begun = true;
                return;
            } catch (MlflowClient.Refusal e) {
                if (!e.isUnknown()) {
                    throw e;
                }
            }
        }
        Map<String, String> all = new LinkedHashMap<>();
        all.put("preceptor.version", BuildInfo.VERSION);
        all.put("preceptor.commit", BuildInfo.COMMIT);
        all.put("preceptor.recipe", recipe.hash());
        all.put("preceptor.folder", folder.toAbsolutePath().normalize().toString());
        all.putAll(tags);
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        String id = client.begin(client.experiment(experiment), name, startMs, all);
        known = new MlflowMemory(server.toString(), id, Map.of());
        begun = true;
        known.write(folder);
    }

    private void remember(List<Told> some) {
        Map<String, Integer> told = new LinkedHashMap<>(known.told());
        some.forEach(epoch -> told.merge(epoch.epoch().role(), epoch.epoch().epoch(), Math::max));
        known = new MlflowMemory(known.server(), known.run(), told);
        undelivered.removeAll(some);
        known.write(folder);
    }

    /** Nothing for an epoch that was told before the run was resumed: its figures are the same to the bit. */
    private List<MlflowClient.Metric> metrics(Told told) {
        TrainingEvent.EpochEnded epoch = told.epoch();
        if (epoch.epoch() <= known.told().getOrDefault(epoch.role(), 0)) {
            return List.of();
        }
        Map<String, Double> values = new LinkedHashMap<>();
        epoch.training().forEach((name, value) -> values.put("training/" + name, value));
        epoch.validation().forEach((name, value) -> values.put("validation/" + name, value));
        values.put("learning_rate", epoch.learningRate());
        values.put("seconds", epoch.seconds());
        return values.entrySet().stream()
                .filter(entry -> Double.isFinite(entry.getValue()))
                .map(entry -> new MlflowClient.Metric(
                        epoch.role() + "/" + entry.getKey(), entry.getValue(), told.timeMs(), epoch.epoch()))
                .toList();
    }

    /** Every setting of the recipe by its path. */
    private Map<String, String> params() {
        Map<String, String> params = new LinkedHashMap<>();
        Settings.leaves(Settings.JSON.valueToTree(recipe))
                .forEach(
                        (key, value) -> params.put(key, value.isString() ? value.stringValue() : Settings.line(value)));
        return params;
    }

    /** On the thread of the training, whose notices are for one thread. */
    private void warn() {
        String why = trouble.get();
        if (why != null && !warned) {
            warned = true;
            notices.accept("MLflow at " + server + ": " + why
                    + "; the training goes on, and what is not told stands in metrics.jsonl");
        }
    }

    private static String reason(Exception e) {
        if (e instanceof ConnectException) {
            return "cannot be reached";
        }
        if (e instanceof HttpTimeoutException) {
            return "does not answer";
        }
        return Reason.of(e);
    }
}
