package dev.preceptor.model;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.RegularFile;
import dev.preceptor.base.Sha256;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes a model from weights that another program trained, for instance the {@code state_dict} of a PyTorch module as safetensors.
 * Layouts are those of PyTorch, so that nothing is transposed. Weights in float16, bfloat16 and float64 become float32, the latter
 * rounded to nearest.
 *
 * @param model with the imported weights
 * @param converted the number of arrays that were not float32
 */
public record WeightImport(ModelFile model, int converted) {
    private static final int NAMED = 3;

    /**
     * Imports weights.
     *
     * @param like a model of the same network, inputs, labels and preprocessing, which the new model has too. Its scores,
     *     post-processing and provenance belong to its own weights and are left out
     * @param weights a safetensors file
     * @param names what its weights are called
     * @param ignored names of arrays that are not weights of the network; {@code *} stands for any text
     * @throws InvalidFileException in one line that counts and names the weights that are missing, not used, of another shape or
     *     of another type
     */
    public static WeightImport of(ModelFile like, Path weights, WeightNames names, List<String> ignored) {
        RegularFile.require(weights);
        Map<String, ArrayData> theirs = Safetensors.read(weights).arrays();
        Map<String, ArrayData> imported = new LinkedHashMap<>();
        Problems problems = new Problems(weights);
        Set<String> used = new HashSet<>();
        int converted = 0;
        for (Map.Entry<String, ArrayData> own : like.weights().entrySet()) {
            String name = theirName(weights, names, own.getKey());
            ArrayData array = theirs.get(name);
            String both = own.getKey() + (name.equals(own.getKey()) ? "" : " (" + name + ")");
            if (array == null) {
                problems.missing.add(both);
                continue;
            }
            if (!used.add(name)) {
                throw new InvalidFileException(weights, "the array " + name + " is the source of two weights");
            }
            if (!Arrays.equals(array.shape(), own.getValue().shape())) {
                problems.misshapen.add(both + " " + Arrays.toString(array.shape()) + ", not "
                        + Arrays.toString(own.getValue().shape()));
            } else if (!isFloat(array.type())) {
                problems.untyped.add(both + " " + array.type());
            } else {
                converted += array.type() == ArrayData.Type.F32 ? 0 : 1;
                imported.put(own.getKey(), finite(weights, both, array));
            }
        }
        theirs.keySet().stream()
                .filter(name -> !used.contains(name)
                        && ignored.stream().noneMatch(pattern -> WeightNames.matches(pattern, name)))
                .forEach(problems.unused::add);
        problems.requireNone();
        ModelDescription description = description(like.description(), weights);
        return new WeightImport(new ModelFile(description, ModelCard.of(description), imported), converted);
    }

    private static String theirName(Path weights, WeightNames names, String ours) {
        try {
            return names.theirs(ours);
        } catch (PreceptorException e) {
            throw new InvalidFileException(weights, e.getMessage(), e);
        }
    }

    private static boolean isFloat(ArrayData.Type type) {
        return switch (type) {
            case F64, F32, F16, BF16 -> true;
            default -> false;
        };
    }

    /** The array as float32, if all its values are finite. */
    private static ArrayData finite(Path weights, String names, ArrayData array) {
        try (PointerScope scope = new PointerScope()) {
            Tensor floats = array.toTensor().to(torch.ScalarType.Float);
            OpenedModel.requireFinite(weights, names, floats);
            return array.type() == ArrayData.Type.F32 ? array : ArrayData.of(floats);
        }
    }

    private static ModelDescription description(ModelDescription like, Path weights) {
        Map<String, String> provenance = new TreeMap<>();
        provenance.put("imported", weights.getFileName().toString());
        provenance.put("imported_sha256", Sha256.of(weights));
        provenance.put("version", BuildInfo.VERSION);
        provenance.put("commit", BuildInfo.COMMIT);
        provenance.put("date", Instant.now().toString());
        return new ModelDescription(
                like.network(),
                like.inputs(),
                like.outputs(),
                like.schema(),
                like.preprocessing(),
                like.patch(),
                like.overlap(),
                provenance,
                Scores.NONE);
    }

    /** What does not fit, for one message. */
    private static final class Problems {
        private final Path weights;
        private final List<String> missing = new ArrayList<>();
        private final List<String> misshapen = new ArrayList<>();
        private final List<String> untyped = new ArrayList<>();
        private final List<String> unused = new ArrayList<>();

        Problems(Path weights) {
            this.weights = weights;
        }

        void requireNone() {
            List<String> parts = new ArrayList<>();
            add(parts, missing, "missing");
            add(parts, misshapen, "of another shape");
            add(parts, untyped, "no floating-point numbers");
            add(parts, unused, "in the file but not in the network");
            if (!parts.isEmpty()) {
                throw new InvalidFileException(
                        weights,
                        "does not fit the network: " + String.join("; ", parts)
                                + "; map names with --names, leave arrays out with --ignore");
            }
        }

        private static void add(List<String> parts, List<String> names, String what) {
            if (!names.isEmpty()) {
                parts.add(names.size() + " " + what + " ("
                        + String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                        + (names.size() > NAMED ? ", ..." : "") + ")");
            }
        }
    }
}
