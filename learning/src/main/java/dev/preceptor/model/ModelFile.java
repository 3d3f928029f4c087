package dev.preceptor.model;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.network.Network;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.volume.Size;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * A model as it is shipped: one {@code .safetensors} file with the weights and, in its metadata, a description and a Markdown
 * model card. The format is in {@code docs/reference/file-formats.md}.
 *
 * @param description everything except the weights
 * @param card the model card
 * @param weights float32 arrays by name, with the names and shapes of the network's parameters
 */
public record ModelFile(ModelDescription description, String card, Map<String, ArrayData> weights) {
    public ModelFile {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /** A model with a copy of these weights and a card written from its description. */
    public static ModelFile of(ModelDescription description, Parameters parameters) {
        Map<String, ArrayData> weights = new LinkedHashMap<>();
        parameters.asMap().forEach((name, tensor) -> weights.put(name, ArrayData.of(tensor)));
        return new ModelFile(description, ModelCard.of(description), weights);
    }

    /** A copy with other validation scores, in the description and on the card. */
    public ModelFile withScores(Scores scores) {
        ModelDescription scored = description.withScores(scores);
        return new ModelFile(scored, ModelCard.of(scored), weights);
    }

    /**
     * Reads a model and checks format, metadata, architecture, and names, shapes and values of the weights. A file takes
     * native memory in proportion to its size, whatever network it names.
     *
     * @throws InvalidFileException if a check fails
     */
    public static ModelFile read(Path file) {
        try (LoadedModel loaded = load(file, List.of())) {
            return loaded.model();
        }
    }

    /**
     * Reads and checks a model as {@link #read} does, and keeps the network that the check builds.
     *
     * @return the model and its network on a device; its parameters require no gradient. The caller closes it
     * @throws InvalidFileException if a check fails
     */
    public static LoadedModel load(Path file, Device device) {
        return load(file, List.of(), device);
    }

    /**
     * Reads a model as {@link #load(Path, Device)} does, if one of several keys has signed it. The signature is checked before
     * anything of the file is used, on the same bytes, so that a file that changes meanwhile is of no effect.
     *
     * @param trusted the keys; if there are none, a signature is not needed
     * @throws InvalidFileException also if no trusted key has signed the file ({@link ModelSignature})
     */
    public static LoadedModel load(Path file, List<VerifyingKey> trusted, Device device) {
        LoadedModel loaded = load(file, trusted);
        try {
            loaded.network().parameters().moveTo(device);
            return loaded;
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    /** Reads a model as {@link #load(Path, List, Device)} does, with its network on the CPU. */
    public static LoadedModel load(Path file, List<VerifyingKey> trusted) {
        try (OpenedModel opened = OpenedModel.of(file, trusted)) {
            return opened.load();
        }
    }

    /** Writes the file whole or not at all; the same model gives the same bytes. */
    public void write(Path file) {
        new Safetensors(ModelMetadata.encode(description, card), weights).write(file);
    }

    /** SHA-256 over the description and the weights, 64 hexadecimal digits; the card does not change it. */
    public String hash() {
        MessageDigest digest = Sha256.digest();
        ModelMetadata.encode(description, "")
                .forEach((key, value) -> digest.update((key + '=' + value + '\n').getBytes(StandardCharsets.UTF_8)));
        new TreeMap<>(weights).forEach((name, array) -> {
            String header = name + ' ' + array.type() + ' ' + Arrays.toString(array.shape()) + '\n';
            digest.update(header.getBytes(StandardCharsets.UTF_8));
            digest.update(array.bytes());
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The network with these weights on a device; its parameters require no gradient. The caller closes it. */
    public Network network(Device device) {
        Network network = network();
        try {
            network.parameters().moveTo(device);
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** The network with these weights on the CPU; its parameters require no gradient. The caller closes it. */
    public Network network() {
        return network(name -> weights.get(name).toTensor());
    }

    /** The summary that {@code preceptor inspect} prints. */
    public ModelSummary summary() {
        return ModelSummary.of(description, weightCount());
    }

    private long weightCount() {
        return weights.values().stream()
                .mapToLong(array -> array.bytes().remaining() / array.type().size())
                .sum();
    }

    /** The network with values for the weights of these names. */
    Network network(Function<String, Tensor> values) {
        Network network = Networks.unfilled(description.network(), weightCount());
        try {
            network.parameters().assign(weights.keySet(), values);
            network.parameters().setTrainable(false);
            requirePatchMultiple(network);
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    private void requirePatchMultiple(Network network) {
        Size patch = description.patch();
        int stride = network.totalStride();
        if (patch.x() % stride != 0 || patch.y() % stride != 0 || patch.z() % stride != 0) {
            throw new PreceptorException(
                    "the patch " + patch + " is not a multiple of the network's total stride " + stride);
        }
    }
}
