package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Batch;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The step at which a training broke, saved for the search for the cause: {@code state.json} beside {@code batch.safetensors},
 * which holds {@code images} [B, C, X, Y, Z] and {@code classes} [B, X, Y, Z] as the networks received them. The names of the
 * components are the keys of the file.
 *
 * @param role the leading role of the phase
 * @param update number of the step in the run, from 1
 * @param seed seed of the recipe; with phase, epoch and step it determines every random draw of the batch
 * @param phase number of the phase, from 0
 * @param epoch number of the epoch in the phase, from 1
 * @param step number of the step in the epoch, from 1
 * @param trouble the problem
 * @param learningRate of the leading parameter group
 * @param losses losses and metrics of this step by name, finite or not
 * @param means mean losses over the earlier steps of the epoch
 * @param subjects subjects of the batch, in its order
 * @param sequences sequences of the channels
 */
record BrokenStep(
        String role,
        long update,
        long seed,
        int phase,
        int epoch,
        int step,
        String trouble,
        double learningRate,
        Map<String, Double> losses,
        Map<String, Double> means,
        List<String> subjects,
        List<Sequence> sequences) {

    /**
     * Writes the step and its batch.
     *
     * @param broken the folder of all broken steps
     * @return the folder of this step
     * @throws dev.preceptor.base.PreceptorException if it cannot be written
     */
    Path write(Path broken, Batch batch) {
        Path folder = broken.resolve(String.format(Locale.ROOT, "step-%06d", update));
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        arrays.put("images", ArrayData.of(batch.images()));
        arrays.put("classes", ArrayData.of(batch.classes()));
        // A resumed run breaks at the same step in the same way.
        AtomicFiles.deleteFolder(folder);
        AtomicFiles.writeFolder(folder, aside -> {
            new Safetensors(Map.of(), arrays).write(aside.resolve("batch.safetensors"));
            AtomicFiles.writeString(aside.resolve("state.json"), Settings.JSON.writeValueAsString(this));
        });
        return folder;
    }
}
