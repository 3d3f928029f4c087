package dev.preceptor.track;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * {@code mlflow.json} in the folder of a run: what a server has been told, so that nothing is told twice.
 *
 * @param server its address
 * @param run the id of the run there; empty if there is none
 * @param told the last epoch told, by role
 */
record MlflowMemory(String server, String run, Map<String, Integer> told) {
    /** Of an earlier start of this run with the same server; nothing if there was none. */
    static MlflowMemory in(Path folder, String server) {
        if (Files.exists(file(folder))) {
            MlflowMemory before = Settings.bind(JsonFiles.read(file(folder)), MlflowMemory.class, "");
            if (before.server().equals(server)) {
                return before;
            }
        }
        return new MlflowMemory(server, "", Map.of());
    }

    void write(Path folder) {
        JsonFiles.write(file(folder), this);
    }

    private static Path file(Path folder) {
        return folder.resolve("mlflow.json");
    }
}
