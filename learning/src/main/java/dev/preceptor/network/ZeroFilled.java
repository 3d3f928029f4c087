package dev.preceptor.network;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A network that needs all its channels, given zeros for those that are absent: the control of every any-subset network. A recipe asks
 * for it by {@code network.missing: ZERO}; without, absent sequences are refused.
 */
public final class ZeroFilled implements Network {
    /** The setting of a recipe, whose value is a {@link Missing}. */
    public static final String SETTING = "missing";

    private final Network network;

    /** What a network that needs all its channels does with one that is absent. */
    public enum Missing {
        /** It refuses the subject. */
        REFUSE,
        /** It reads zeros, the mean of a z-scored image. */
        ZERO
    }

    /** @param network which this one owns */
    public ZeroFilled(Network network) {
        this.network = network;
    }

    @Override
    public Requirement requires() {
        return Requirement.ANY_SUBSET;
    }

    @Override
    public NetworkSpec spec() {
        NetworkSpec inner = network.spec();
        Map<String, Object> arguments = new TreeMap<>(inner.arguments());
        arguments.put(SETTING, Missing.ZERO.name());
        return new NetworkSpec(inner.name(), inner.inputs(), inner.outputs(), arguments);
    }

    @Override
    public Features forward(Tape tape, Input input) {
        input.requireOnePresent();
        return network.forward(tape, tape.zeroAbsent(input));
    }

    @Override
    public Set<Auxiliary> auxiliaries() {
        return network.auxiliaries();
    }

    @Override
    public Set<String> deepWeights(int levels) {
        return network.deepWeights(levels);
    }

    @Override
    public Parameters parameters() {
        return network.parameters();
    }

    @Override
    public int totalStride() {
        return network.totalStride();
    }

    @Override
    public List<Integer> decoderChannels() {
        return network.decoderChannels();
    }

    @Override
    public int bottleneckChannels() {
        return network.bottleneckChannels();
    }

    @Override
    public void close() {
        network.close();
    }
}
