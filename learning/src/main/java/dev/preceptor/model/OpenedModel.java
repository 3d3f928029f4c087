package dev.preceptor.model;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.RegularFile;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.SafetensorsFile;
import dev.preceptor.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A model file of which the header has been read and checked. Its network is built from the same open file, so that a file that is
 * replaced meanwhile is of no effect. Not thread-safe.
 */
public final class OpenedModel implements AutoCloseable {
    private final Path file;
    private final ModelFile model;
    private final Function<String, Tensor> values;
    private final Runnable source;

    private OpenedModel(Path file, Safetensors content, Function<String, Tensor> values, Runnable source) {
        this.file = file;
        this.model = new ModelFile(
                ModelMetadata.decode(file, content.metadata()),
                content.metadata().get("card"),
                content.arrays());
        this.values = values;
        this.source = source;
        model.weights().forEach((name, array) -> requireFloat(file, name, array));
    }

    /**
     * Opens a model. A signature is checked before anything of the file is used, on the bytes that are used.
     *
     * @param trusted the keys of which one must have signed the file; if there are none, a signature is not needed
     * @throws InvalidFileException if the header is not that of a model, or no trusted key has signed the file
     *     ({@link ModelSignature})
     */
    public static OpenedModel of(Path file, List<VerifyingKey> trusted) {
        RegularFile.require(file);
        if (!trusted.isEmpty()) {
            return of(file, Safetensors.of(file, ModelSignature.verified(file, trusted)));
        }
        SafetensorsFile opened = SafetensorsFile.open(file);
        try {
            return new OpenedModel(file, opened.content(), opened::tensor, opened::close);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** A model whose content has been read from a file. */
    static OpenedModel of(Path file, Safetensors content) {
        return new OpenedModel(file, content, name -> content.arrays().get(name).toTensor(), () -> {});
    }

    /** What the file contains. The weights remain valid when this is closed. */
    public ModelFile model() {
        return model;
    }

    /**
     * Builds the network on the CPU and checks names, shapes and values of the weights.
     *
     * @return the model and its network, whose parameters require no gradient. The caller closes it
     * @throws InvalidFileException if a check fails
     * @throws PreceptorException if libtorch cannot be loaded
     */
    public LoadedModel load() {
        // Outside: that libtorch cannot be loaded says nothing of the weights.
        Torch.open();
        try {
            return new LoadedModel(model, model.network(name -> {
                Tensor value = values.apply(name);
                requireFinite(file, name, value);
                return value;
            }));
        } catch (InvalidFileException e) {
            throw e;
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, "its weights do not fit its network: " + e.getMessage(), e);
        }
    }

    private static void requireFloat(Path file, String name, ArrayData array) {
        if (array.type() != ArrayData.Type.F32) {
            throw new InvalidFileException(file, "the weight " + name + " is " + array.type() + ", not F32");
        }
    }

    static void requireFinite(Path file, String name, Tensor values) {
        try (PointerScope scope = new PointerScope()) {
            // A number minus itself is 0 unless it is NaN or infinite.
            if (values.sub(values).any().item_bool()) {
                throw new InvalidFileException(
                        file, "the weight " + name + " has a value that is NaN or infinite; train the model again");
            }
        }
    }

    /** Closes the file. */
    @Override
    public void close() {
        source.run();
    }
}
