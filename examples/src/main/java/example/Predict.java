package example;

import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Segments one image with a model of one sequence: {@code Predict MODEL IMAGE OUT}. */
public final class Predict {
    private Predict() {}

    /** @param args model file, NIfTI image, label map to write */
    public static void main(String[] args) {
        try (Predictor predictor = Predictor.read(List.of(Path.of(args[0])), PredictionOptions.DEFAULTS)) {
            Sequence sequence = predictor.inputs().get(0);
            Volume image = Nifti.readVolume(Path.of(args[1]));
            Nifti.write(
                    Path.of(args[2]), predictor.predict(Map.of(sequence, image)).labels());
        }
    }
}
