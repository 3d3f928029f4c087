package dev.preceptor.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Builds a graph of operator set 17 in the Open Neural Network Exchange format (onnx.ai). A value is known by its name. Nodes are
 * added in the order of their computation. The same calls give the same bytes.
 *
 * <pre>{@code
 * OnnxGraph graph = new OnnxGraph("threshold", Map.of());
 * String x = graph.input("x", "batch", 1);
 * graph.output("y", graph.node("Sigmoid", List.of(x)), "batch", 1);
 * graph.write(Map.of("author", "somebody"), out);
 * }</pre>
 */
public final class OnnxGraph {
    /** The version of the operators. */
    private static final int OPERATOR_SET = 17;

    /** The version of the file format. */
    private static final int IR_VERSION = 9;

    /** A message of protobuf is smaller than 2 GiB; 16 MiB are left for the nodes. */
    private static final long MAX_WEIGHT_BYTES = (1L << 31) - (1L << 24);

    private final String name;
    private final List<ValueInfoProto> inputs = new ArrayList<>();
    private final List<ValueInfoProto> outputs = new ArrayList<>();
    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> initializers = new ArrayList<>();
    private final Map<Long, String> weightNames = new HashMap<>();
    private final Map<String, String> constants = new HashMap<>();
    private long weightBytes;

    /**
     * An empty graph.
     *
     * @param weights the names under which {@link #weight} stores tensors; a tensor that is not among them gets a name of its own
     */
    public OnnxGraph(String name, Map<String, Tensor> weights) {
        this.name = name;
        weights.forEach((weight, tensor) -> weightNames.putIfAbsent(identity(tensor), weight));
    }

    /** An attribute of a node, of the type that the operator requires. */
    public sealed interface Attribute {
        /** The name that the operator gives it. */
        String name();

        /** One integer. */
        record OfInteger(String name, long value) implements Attribute {}

        /** A list of integers. */
        record OfIntegers(String name, List<Long> values) implements Attribute {}

        /** One floating-point number. */
        record OfFloat(String name, float value) implements Attribute {}

        /** A text. */
        record OfText(String name, String value) implements Attribute {}

        /** One integer. */
        static Attribute of(String name, int value) {
            return new OfInteger(name, value);
        }

        /** One floating-point number. */
        static Attribute of(String name, double value) {
            return new OfFloat(name, (float) value);
        }

        /** A text. */
        static Attribute of(String name, String value) {
            return new OfText(name, value);
        }

        /** A list of integers. */
        static Attribute list(String name, int... values) {
            return new OfIntegers(
                    name, Arrays.stream(values).mapToObj(value -> (long) value).toList());
        }
    }

    /**
     * Adds a float32 input.
     *
     * @param extents a number, or the name of an extent that may differ between calls
     * @return {@code name}
     */
    public String input(String name, Object... extents) {
        inputs.add(value(name, extents));
        return name;
    }

    /**
     * Adds a float32 output.
     *
     * @param source the name of the value to give out
     * @param extents a number, or the name of an extent that may differ between calls
     */
    public void output(String name, String source, Object... extents) {
        nodes.add(NodeProto.newBuilder()
                .setName(name)
                .setOpType("Identity")
                .addInput(source)
                .addOutput(name)
                .build());
        outputs.add(value(name, extents));
    }

    private static ValueInfoProto value(String name, Object... extents) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object extent : extents) {
            TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(
                    extent instanceof Number number
                            ? dimension.setDimValue(number.longValue())
                            : dimension.setDimParam(extent.toString()));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    /** Adds a node with one output, whose name it returns. An input without a name is one that is left out. */
    public String node(String operator, List<String> inputs, Attribute... attributes) {
        return nodes(operator, inputs, 1, attributes).get(0);
    }

    /** Adds a node with several outputs, whose names it returns. */
    public List<String> nodes(String operator, List<String> inputs, int outputs, Attribute... attributes) {
        String name = operator + "_" + this.nodes.size();
        List<String> names = IntStream.range(0, outputs)
                .mapToObj(i -> outputs == 1 ? name : name + "." + i)
                .toList();
        NodeProto.Builder node = NodeProto.newBuilder()
                .setName(name)
                .setOpType(operator)
                .addAllInput(inputs)
                .addAllOutput(names);
        for (Attribute attribute : attributes) {
            node.addAttribute(OnnxAttributes.message(attribute));
        }
        this.nodes.add(node.build());
        return names;
    }

    /** A weight, stored once under its name; float32. */
    public String weight(Tensor tensor) {
        return weight(tensor, Tensors.shape(tensor));
    }

    /**
     * A weight in another shape of as many elements. A weight of two shapes is stored twice.
     *
     * @param shape whose product is the number of elements
     */
    public String weight(Tensor tensor, long... shape) {
        long identity = identity(tensor);
        return constants.computeIfAbsent(identity + " as " + Arrays.toString(shape), key -> {
            String name = weightNames.getOrDefault(identity, "weight_" + initializers.size());
            ArrayData array = ArrayData.of(tensor);
            if (array.type() != ArrayData.Type.F32) {
                throw new IllegalArgumentException("the weight " + name + " is " + array.type() + ", not F32");
            }
            weightBytes += array.bytes().remaining();
            if (weightBytes > MAX_WEIGHT_BYTES) {
                throw new PreceptorException("its weights take more than the 2 GiB that an ONNX file can contain");
            }
            String unique = constants.containsValue(name) ? name + "_" + initializers.size() : name;
            return initializer(unique, TensorProto.DataType.FLOAT, array.bytes(), shape);
        });
    }

    /** A constant of integers, [n]. */
    public String integers(long... values) {
        return constants.computeIfAbsent("integers " + Arrays.toString(values), key -> {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asLongBuffer().put(values);
            return initializer("integers_" + initializers.size(), TensorProto.DataType.INT64, bytes, values.length);
        });
    }

    /** A constant float32 number, which broadcasts. */
    public String number(double value) {
        return numbers(new float[] {(float) value});
    }

    /**
     * A constant of float32 numbers.
     *
     * @param shape whose product is the number of values; none for a scalar
     */
    public String numbers(float[] values, long... shape) {
        return constants.computeIfAbsent("numbers " + Arrays.toString(values) + Arrays.toString(shape), key -> {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return initializer("numbers_" + initializers.size(), TensorProto.DataType.FLOAT, bytes, shape);
        });
    }

    private String initializer(String name, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
        // The bytes are read-only or of this method's callers, so that protobuf need not copy them.
        ByteString raw = UnsafeByteOperations.unsafeWrap(bytes);
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .setRawData(raw);
        for (long extent : shape) {
            tensor.addDims(extent);
        }
        initializers.add(tensor.build());
        return name;
    }

    /** libtorch's own object, which several Java handles may point to. */
    private static long identity(Tensor tensor) {
        return tensor.unsafeGetTensorImpl().address();
    }

    /** The nodes that the outputs need, and the constants that these nodes need. */
    private GraphProto needed() {
        Set<String> needed = new HashSet<>();
        outputs.forEach(output -> needed.add(output.getName()));
        GraphProto.Builder graph =
                GraphProto.newBuilder().setName(name).addAllInput(inputs).addAllOutput(outputs);
        List<NodeProto> used = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            NodeProto node = nodes.get(i);
            if (node.getOutputList().stream().anyMatch(needed::contains)) {
                needed.addAll(node.getInputList());
                used.add(0, node);
            }
        }
        return graph.addAllNode(used)
                .addAllInitializer(initializers.stream()
                        .filter(initializer -> needed.contains(initializer.getName()))
                        .toList())
                .build();
    }

    /**
     * Writes the graph as a model file, without nodes and constants that no output needs.
     *
     * @param producer the program that wrote it, and its version
     * @param metadata texts by key, in this order
     */
    public void write(Producer producer, Map<String, String> metadata, OutputStream out) throws IOException {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATOR_SET))
                .setProducerName(producer.name())
                .setProducerVersion(producer.version())
                .setGraph(needed());
        new LinkedHashMap<>(metadata)
                .forEach((key, value) -> model.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        model.build().writeTo(out);
    }

    /** A program that writes graphs. */
    public record Producer(String name, String version) {}
}
