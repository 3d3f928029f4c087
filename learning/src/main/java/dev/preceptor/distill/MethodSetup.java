package dev.preceptor.distill;

import dev.preceptor.base.RandomStreams;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Networks;
import dev.preceptor.network.Outputs;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a method is built from: the part of the recipe that concerns it.
 *
 * @param student the sequences of the student, one as a rule
 * @param teachers the sequences of each teacher; empty for a method without
 * @param network name of the architecture
 * @param arguments its settings
 * @param distillation the method's own block of the recipe
 * @param random streams of the run; fresh weights come from it
 * @param device where the networks live
 */
public record MethodSetup(
        List<Sequence> student,
        List<List<Sequence>> teachers,
        String network,
        Map<String, Object> arguments,
        ObjectNode distillation,
        RandomStreams random,
        Device device) {

    /** A network with fresh weights for a role; the weights depend on the seed and the role's name alone. */
    public Role role(String name, List<Sequence> inputs, Outputs outputs) {
        NetworkSpec spec = new NetworkSpec(network, inputs.size(), outputs.channels(), arguments);
        Network built = Networks.build(spec, random.seedFor("weights of " + name));
        built.parameters().moveTo(device);
        return new Role(name, built, inputs, outputs);
    }
}
