package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.onnx.OnnxGraph;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** CBAM: the channel gate, then the spatial gate. As a {@link RecomputedOp} it gates the concatenation of its inputs. */
public record CbamGate(ChannelGate channel, SpatialGate spatial) implements Layer, JoiningOp {
    @Override
    public Tensor apply(Tensor x) {
        return spatial.apply(channel.apply(x));
    }

    @Override
    public Tensor applyJoined(Tensor joined) {
        return apply(joined);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return spatial.export(graph, channel.export(graph, inputs));
    }

    @Override
    public String export(OnnxGraph graph, String x) {
        return spatial.export(graph, channel.export(graph, x));
    }
}
