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
 * The step that broke a training, for whoever looks for the cause: {@code state.json} beside {@code batch.safetensors}, which
 * holds {@code images} [B, C, X, Y, Z] and {@code classes} [B, X, Y, Z] as the networks saw them.
 *
 * @param role of the network that led the phase
 * @param update its number in the whole run, from 1
 * @param seed of the recipe; with phase, epoch and step it fixes every random draw of the batch
 * @param phase from 0
 * @param epoch of the phase, from 1
 * @param step of the epoch, from 1
 * @param trouble what was wrong
 * @param learningRate of the leading role's weights
 * @param losses of this step by name, as they are
 * @param means of the losses over the steps of the epoch before this one
 * @param subjects of the batch, in its order
 * @param sequences of the channels
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
     * Writes all of it.
     *
     * @param broken the folder of such steps
     * @return the folder of this one
     * @throws dev.preceptor.base.PreceptorException if that is not possible
     */
    Path write(Path broken, Batch batch) {
        Path folder = broken.resolve(String.format(Locale.ROOT, "step-%06d", update));
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        arrays.put("images", ArrayData.of(batch.images()));
        arrays.put("classes", ArrayData.of(batch.classes()));
        // A run that was resumed breaks at the same step in the same way.
        AtomicFiles.deleteFolder(folder);
        AtomicFiles.writeFolder(folder, aside -> {
            new Safetensors(Map.of(), arrays).write(aside.resolve("batch.safetensors"));
            AtomicFiles.writeString(aside.resolve("state.json"), Settings.JSON.writeValueAsString(this));
        });
        return folder;
    }
}
