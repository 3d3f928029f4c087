package dev.preceptor.track;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code mlflow.json} in the folder of a run: which epochs an MLflow server has, so that none is sent twice.
 *
 * @param server its address
 * @param run the id of the run on the server; empty before it is created
 * @param told the last epoch that was sent, by role
 */
record MlflowState(String server, String run, Map<String, Integer> told) {
    /** The state that an earlier start of this training left for the same server; otherwise an empty one. */
    static MlflowState in(Path folder, String server) {
        if (Files.exists(file(folder))) {
            MlflowState earlier = Settings.bind(JsonFiles.read(file(folder)), MlflowState.class, "");
            if (earlier.server().equals(server)) {
                return earlier;
            }
        }
        return new MlflowState(server, "", Map.of());
    }

    boolean hasSent(EpochRecord epoch) {
        return epoch.epoch() <= told.getOrDefault(epoch.role(), 0);
    }

    MlflowState withSent(List<EpochRecord> epochs) {
        Map<String, Integer> sent = new LinkedHashMap<>(told);
        epochs.forEach(epoch -> sent.merge(epoch.role(), epoch.epoch(), Math::max));
        return new MlflowState(server, run, sent);
    }

    void write(Path folder) {
        JsonFiles.write(file(folder), this);
    }

    private static Path file(Path folder) {
        return folder.resolve("mlflow.json");
    }
}
