package dev.preceptor.track;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.base.Settings;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunFolder;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Sends {@code metrics.jsonl} to an MLflow server while a training runs: the settings of the recipe as parameters, the metrics of
 * each epoch, and how the training ended. A thread of its own reads the file and calls the server, so that a slow or absent server
 * never delays the training: epochs that could not be sent are sent later, and one line reports the problem. A resumed training
 * continues the same MLflow run; {@code mlflow.json} in the folder of the run holds the last epoch that was sent, so that each is
 * sent once.
 *
 * <p>Training events only say when to read on; all values come from the file. {@link #accept}, {@link #end} and {@link #close}
 * are called on the training thread.
 */
public final class MlflowTracking implements Consumer<TrainingEvent>, AutoCloseable {
    /** Epochs that are read ahead of the server. */
    private static final int MAX_PENDING = 1000;

    private static final long CLOSE_TIMEOUT_MS = 10_000;
    private static final long RETRY_MS = 5000;

    /** How a training ended, as a status of MLflow. */
    public enum End {
        FINISHED,
        FAILED,
        KILLED
    }

    private record Pending(EpochRecord epoch, long readAtMs) {}

    private final URI server;
    private final String experiment;
    private final Path folder;
    private final Recipe recipe;
    private final Map<String, String> tags;
    private final Consumer<String> notices;
    private final MlflowClient client;
    /** Released when the file may have grown, and at the end. */
    private final Semaphore wakeUp = new Semaphore(0);

    private final AtomicReference<String> problem = new AtomicReference<>();
    private final long startMs = System.currentTimeMillis();
    private final Thread sender;
    private volatile End end;
    private volatile boolean closing;
    private volatile boolean timedOut;
    private boolean warned;

    // Used by the sender thread only.
    private final MetricsReader reader;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private MlflowState state = new MlflowState("", "", Map.of());
    private boolean begun;
    private boolean paramsSent;

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
        this.reader = new MetricsReader(new RunFolder(folder).metrics());
        this.sender = DaemonThreads.of("preceptor-mlflow", this::run);
    }

    /**
     * Creates the tracking of a training. Nothing is sent before the training has begun.
     *
     * @param server its address, for instance {@code http://localhost:5000}
     * @param experiment its name; it is created if it does not exist
     * @param run the folder of the run
     * @param tags of the MLflow run
     * @param notices receives one line, on the training thread, if the server cannot be used
     * @throws InvalidRecipeException if the address is not an HTTP or HTTPS URL
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
                "an MLflow server is given by its URL, for instance http://localhost:5000, not \"" + server + "\"",
                cause);
    }

    @Override
    public void accept(TrainingEvent event) {
        if (!(event instanceof TrainingEvent.Notice) && !(event instanceof TrainingEvent.Stepped)) {
            if (sender.getState() == Thread.State.NEW) {
                // Not at a notice: the folder must stay empty until the training has claimed it.
                sender.start();
            }
            wakeUp.release();
        }
        warn();
    }

    /** Sets how the training ended; without this call it counts as failed. */
    public void end(End how) {
        end = how;
    }

    /** Waits at most 10 s until everything is sent; a call that is in progress then is the last one. */
    @Override
    public void close() {
        if (sender.getState() == Thread.State.NEW) {
            return;
        }
        if (end == null) {
            end = End.FAILED;
        }
        closing = true;
        wakeUp.release();
        try {
            sender.join(CLOSE_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (sender.isAlive()) {
            timedOut = true;
            problem.compareAndSet(null, "it did not answer in time, and does not know how the training ended");
        }
        warn();
    }

    private void run() {
        try {
            while (!closing) {
                if (send()) {
                    wakeUp.acquire();
                } else if (!wakeUp.tryAcquire(RETRY_MS, TimeUnit.MILLISECONDS)) {
                    continue;
                }
                wakeUp.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (send()) {
            try {
                client.update(state.run(), end.name(), System.currentTimeMillis());
            } catch (IOException e) {
                problem.compareAndSet(null, reason(e));
            }
        }
    }

    /** Sends every epoch in the file; false if a problem left some unsent. */
    private boolean send() {
        try {
            // Before the calls, which may take long: MLflow shows the time at which an epoch was read.
            readAhead();
            if (!begun) {
                begin();
            }
            if (!paramsSent) {
                client.params(state.run(), params());
                paramsSent = true;
            }
            while (!pending.isEmpty() && !timedOut) {
                sendBatch();
                readAhead();
            }
            return pending.isEmpty();
        } catch (IOException | PreceptorException e) {
            problem.compareAndSet(null, reason(e));
            return false;
        }
    }

    private void readAhead() {
        long now = System.currentTimeMillis();
        reader.read(MAX_PENDING - pending.size()).forEach(epoch -> pending.addLast(new Pending(epoch, now)));
    }

    private void begin() throws IOException {
        state = MlflowState.in(folder, server.toString());
        if (!state.run().isEmpty()) {
            try {
                client.update(state.run(), "RUNNING", 0);
                paramsSent = true;
                begun = true;
                return;
            } catch (MlflowClient.ErrorResponse e) {
                if (!e.isNotFound()) {
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
        String id = client.createRun(client.experiment(experiment), name, startMs, all);
        state = new MlflowState(server.toString(), id, Map.of());
        begun = true;
        state.write(folder);
    }

    /** Sends as many epochs as fit into one call. */
    private void sendBatch() throws IOException {
        List<EpochRecord> epochs = new ArrayList<>();
        List<MlflowClient.Metric> batch = new ArrayList<>();
        for (Pending next : pending) {
            List<MlflowClient.Metric> metrics = state.hasSent(next.epoch()) ? List.of() : metrics(next);
            if (!epochs.isEmpty() && batch.size() + metrics.size() > MlflowClient.MAX_METRICS) {
                break;
            }
            epochs.add(next.epoch());
            batch.addAll(metrics);
        }
        if (!batch.isEmpty()) {
            client.metrics(state.run(), batch);
            state = state.withSent(epochs);
        }
        epochs.forEach(epoch -> pending.removeFirst());
        if (!batch.isEmpty()) {
            state.write(folder);
        }
    }

    /** MLflow takes finite values only. */
    private static List<MlflowClient.Metric> metrics(Pending next) {
        EpochRecord epoch = next.epoch();
        return epoch.scalars().entrySet().stream()
                .filter(scalar -> Double.isFinite(scalar.getValue()))
                .map(scalar -> new MlflowClient.Metric(
                        epoch.role() + "/" + scalar.getKey(), scalar.getValue(), next.readAtMs(), epoch.epoch()))
                .toList();
    }

    /** The settings of the recipe by their path. */
    private Map<String, String> params() {
        Map<String, String> params = new LinkedHashMap<>();
        Settings.leaves(Settings.JSON.valueToTree(recipe))
                .forEach(
                        (key, value) -> params.put(key, value.isString() ? value.stringValue() : Settings.line(value)));
        return params;
    }

    /** Called on the training thread, because listeners to notices need not be thread-safe. */
    private void warn() {
        String why = problem.get();
        if (why != null && !warned) {
            warned = true;
            notices.accept(
                    "MLflow at " + server + ": " + why + "; training continues, and metrics.jsonl holds every epoch");
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
