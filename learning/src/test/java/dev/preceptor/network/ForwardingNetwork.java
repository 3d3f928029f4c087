package dev.preceptor.network;

import java.util.List;

/** A network that is another one in all that an implementation does not override. */
public interface ForwardingNetwork extends Network {
    /** The other network. */
    Network network();

    @Override
    default NetworkSpec spec() {
        return network().spec();
    }

    @Override
    default Parameters parameters() {
        return network().parameters();
    }

    @Override
    default Features forward(Tape tape, Input input) {
        return network().forward(tape, input);
    }

    @Override
    default int totalStride() {
        return network().totalStride();
    }

    @Override
    default List<Integer> decoderChannels() {
        return network().decoderChannels();
    }

    @Override
    default int bottleneckChannels() {
        return network().bottleneckChannels();
    }
}
