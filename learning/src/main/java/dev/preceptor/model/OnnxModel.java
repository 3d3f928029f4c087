package dev.preceptor.model;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.network.Network;
import dev.preceptor.network.OnnxTape;
import dev.preceptor.network.Requirement;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.quality.Temperatures;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model in the Open Neural Network Exchange format, for runtimes other than libtorch: the network from the preprocessed images of a
 * tile to the probabilities of the regions, as {@link OnnxTape#graph} writes it, and the metadata of the model file. What comes before
 * and after the network (preprocessing, sliding window, post-processing) is described there, not part of the graph. The keys are in
 * {@code docs/reference/file-formats.md}.
 *
 * <pre>{@code
 * try (LoadedModel loaded = ModelFile.load(Path.of("student.safetensors"), new Device("cpu"))) {
 *     OnnxModel.of(loaded).write(Path.of("student.onnx"));
 * }
 * }</pre>
 *
 * @param loaded the model and its network; open until the model is written
 * @param sequences the sequences of the channels of the graph's input, some or all of those of the model, in their order
 */
public record OnnxModel(LoadedModel loaded, List<Sequence> sequences) {
    static final String FORMAT = "preceptor-onnx/1";

    private static final String PRODUCER = "preceptor";

    /** @throws MismatchException if the network needs a sequence that is left out, or there is none */
    public OnnxModel {
        List<Sequence> inputs = loaded.model().description().inputs();
        sequences = inputs.stream().filter(List.copyOf(sequences)::contains).toList();
        if (sequences.isEmpty()) {
            throw new MismatchException("a graph needs at least one of " + inputs);
        }
        if (loaded.network().requires() == Requirement.ALL && sequences.size() < inputs.size()) {
            throw new MismatchException("the network " + loaded.network().spec().name() + " needs all of " + inputs
                    + ", not only " + sequences
                    + "; a network that takes any subset of its sequences can be exported for some");
        }
    }

    /** A model with all its sequences. */
    public static OnnxModel of(LoadedModel loaded) {
        return new OnnxModel(loaded, loaded.model().description().inputs());
    }

    /**
     * A model for subjects that have certain sequences and no others.
     *
     * @param sequences in any order
     * @throws MismatchException if one of them is no input of the model, or it needs others
     */
    public static OnnxModel of(LoadedModel loaded, Collection<Sequence> sequences) {
        List<Sequence> inputs = loaded.model().description().inputs();
        for (Sequence sequence : sequences) {
            if (!inputs.contains(sequence)) {
                throw new MismatchException("the model has no input " + sequence + "; its inputs are " + inputs);
            }
        }
        return new OnnxModel(loaded, List.copyOf(sequences));
    }

    /** Whether the model could also be written for other sequences. */
    public boolean takesAnySubset() {
        return loaded.takesAnySubset();
    }

    /**
     * Writes the file whole or not at all; the same model gives the same bytes.
     *
     * @throws PreceptorException if the network has an operation that ONNX cannot express, with its name, or if the file cannot be
     *     written
     */
    public void write(Path file) {
        OnnxGraph graph = graph();
        OnnxGraph.Producer producer = new OnnxGraph.Producer(PRODUCER, BuildInfo.VERSION);
        Map<String, String> metadata = metadata();
        AtomicFiles.write(file, out -> graph.write(producer, metadata, out));
    }

    private OnnxGraph graph() {
        ModelDescription description = loaded.model().description();
        boolean[] present = new boolean[description.inputs().size()];
        for (int c = 0; c < present.length; c++) {
            present[c] = sequences.contains(description.inputs().get(c));
        }
        Network network = loaded.network();
        try {
            Temperatures temperatures = description.reliability().temperatures();
            return OnnxTape.graph(
                    network,
                    present,
                    description.targets(),
                    description.targets().regionNames().stream()
                            .mapToDouble(temperatures::of)
                            .toArray());
        } catch (PreceptorException e) {
            throw new PreceptorException(
                    "the network " + network.spec().name() + " cannot be exported: " + e.getMessage(), e);
        }
    }

    /** The metadata of the model file, with a format of its own, and what a caller of the graph must know. */
    private Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>(ModelMetadata.encode(
                loaded.model().description(), loaded.model().card()));
        metadata.put("format", FORMAT);
        metadata.put(
                "channels",
                ModelMetadata.json(sequences.stream().map(Sequence::name).toList()));
        metadata.put("stride", ModelMetadata.json(loaded.network().totalStride()));
        metadata.put("model", loaded.model().hash());
        return metadata;
    }
}
