package dev.preceptor.infer;

import dev.preceptor.base.MismatchException;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Segments images with a model file, in a few lines of a program. The result is that of {@code preceptor predict}, to the byte.
 *
 * <pre>{@code
 * try (Segmenter segmenter = Segmenter.load(Path.of("student.safetensors"))) {
 *     Path image = Path.of("patient_t1ce.nii.gz");
 *     Prediction prediction = segmenter.segment(Nifti.readVolume(image));
 *     Nifti.write(Path.of("patient_seg.nii.gz"), prediction.labels(), Nifti.readHeader(image));
 * }
 * }</pre>
 *
 * <p>Any number of threads may call {@link #segment} at once; {@link #close} waits for the calls that have begun. {@link Predictor} has
 * more settings, {@link PredictionJob} segments whole folders.
 */
public final class Segmenter implements AutoCloseable {
    private final Predictor predictor;

    private Segmenter(Predictor predictor) {
        this.predictor = predictor;
    }

    /**
     * Loads a model, or several as an ensemble, with the defaults of {@link Builder}.
     *
     * @throws dev.preceptor.base.PreceptorException as {@link Builder#load}
     */
    public static Segmenter load(Path... models) {
        return of(models).load();
    }

    /** The settings with which models are loaded, to be changed before {@link Builder#load}. */
    public static Builder of(Path... models) {
        return new Builder(List.of(models), PredictionOptions.DEFAULTS, -1);
    }

    /**
     * Settings, each with a default. Immutable: each method gives a changed copy.
     *
     * @param models model files, at least one; several form an ensemble
     * @param options of the prediction
     * @param threadCount threads of an operation; 0 for the number of cores, -1 for those that libtorch has already
     */
    public record Builder(List<Path> models, PredictionOptions options, int threadCount) {
        public Builder {
            models = List.copyOf(models);
        }

        /** How images are cut into tiles; by default {@link Preset#EXACT}. */
        public Builder preset(Preset preset) {
            return with(options.withPreset(preset));
        }

        /** Share of a tile that its neighbour covers too, 0 to 0.9; by default that of the model. Only for {@link Preset#EXACT}. */
        public Builder overlap(double overlap) {
            return with(options.withOverlap(overlap));
        }

        /** Whether logits are averaged over the 8 mirrorings of each tile, which takes 8 times as long; by default not. */
        public Builder mirror(boolean mirror) {
            return with(options.withMirror(mirror));
        }

        /** {@code cpu}, the default, {@code cuda} or {@code cuda:N}. */
        public Builder device(String device) {
            return with(options.withDevice(device));
        }

        /** Threads of an operation, in the whole process; 0 for the number of cores. By default what libtorch has already. */
        public Builder threads(int threads) {
            if (threads < 0) {
                throw new IllegalArgumentException("threads must be at least 0, not " + threads);
            }
            return new Builder(models, options, threads);
        }

        private Builder with(PredictionOptions changed) {
            return new Builder(models, changed, threadCount);
        }

        /**
         * Loads the models.
         *
         * @throws dev.preceptor.base.InvalidFileException if a file is not a valid model
         * @throws MismatchException if the models differ in inputs, outputs, label schema or preprocessing
         * @throws dev.preceptor.base.PreceptorException if there is no such device
         */
        public Segmenter load() {
            // Before the networks are loaded: how many predictions compute at a time depends on the threads.
            if (threadCount >= 0) {
                Torch.useThreads(threadCount);
            }
            return new Segmenter(Predictor.read(models, options));
        }
    }

    /** The sequences that the models take. */
    public List<Sequence> inputs() {
        return predictor.inputs();
    }

    /**
     * Segments an image with models of one sequence.
     *
     * @param volume of the sequence {@link #inputs()}, with the affine of its scanner; any orientation and spacing
     * @return labels and probabilities on the grid of the volume
     * @throws MismatchException if the models take several sequences, or the volume cannot be one of a brain
     */
    public Prediction segment(Volume volume) {
        if (inputs().size() != 1) {
            throw new MismatchException("the model takes the sequences " + inputs()
                    + "; call segment with a map that says which volume is which");
        }
        return segment(Map.of(inputs().get(0), volume));
    }

    /**
     * Segments a subject.
     *
     * @param volumes by sequence, all on one grid; those that the models do not take are ignored
     * @return labels and probabilities on the grid of the volumes
     * @throws MismatchException if a sequence is missing, or a volume cannot be one of a brain
     */
    public Prediction segment(Map<Sequence, Volume> volumes) {
        return predictor.predict(volumes);
    }

    /** Frees the models, after the calls that have begun. */
    @Override
    public void close() {
        predictor.close();
    }
}
