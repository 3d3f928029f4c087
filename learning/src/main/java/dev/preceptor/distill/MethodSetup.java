package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Initialisation;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Networks;
import dev.preceptor.network.Outputs;
import dev.preceptor.parallel.BatchSums;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a method is built from: the part of the recipe that concerns it.
 *
 * @param studentInputs the sequences of the student, one as a rule
 * @param teachers the sequences of each teacher; empty for a method without
 * @param trained teachers from an earlier training, one for each of {@code teachers}; empty to train them here
 * @param network name of the architecture
 * @param arguments its settings
 * @param distillation the method's own block of the recipe
 * @param computation how the networks compute
 * @param random streams of the run; fresh weights come from it
 * @param device where the networks live
 * @param sums over the whole batch, for losses that pool its samples
 */
public record MethodSetup(
        List<Sequence> studentInputs,
        List<List<Sequence>> teachers,
        List<TrainedTeacher> trained,
        String network,
        Map<String, Object> arguments,
        ObjectNode distillation,
        Computation computation,
        RandomStreams random,
        Device device,
        BatchSums sums) {
    public MethodSetup {
        trained = List.copyOf(trained);
        if (!trained.isEmpty() && trained.size() != teachers.size()) {
            throw new IllegalArgumentException(trained.size() + " trained teachers for " + teachers.size());
        }
    }

    /** The student with fresh weights, drawn as networks draw them. */
    public Role student(Outputs outputs) {
        return student(outputs, Map.of(), Initialisation.HE_NORMAL);
    }

    /**
     * The student with fresh weights, which depend on the seed alone.
     *
     * @param further settings of the network besides the recipe's
     */
    public Role student(Outputs outputs, Map<String, Object> further, Initialisation initialisation) {
        return fresh(Role.STUDENT, studentInputs, outputs, further, initialisation);
    }

    /** A teacher, with fresh weights unless there is a trained one. */
    public Role teacher(int index, String name, Outputs outputs) {
        return teacher(index, name, outputs, Initialisation.HE_NORMAL);
    }

    /**
     * A teacher, with fresh weights, which depend on the seed and its name alone, unless there is a trained one.
     *
     * @throws InvalidRecipeException if the trained one's channels mean something else
     */
    public Role teacher(int index, String name, Outputs outputs, Initialisation initialisation) {
        if (trained.isEmpty()) {
            return fresh(name, teachers.get(index), outputs, Map.of(), initialisation);
        }
        TrainedTeacher teacher = trained.get(index);
        if (teacher.outputs() != outputs) {
            throw new InvalidRecipeException("teacherModels: " + teacher.origin() + " has the outputs "
                    + teacher.outputs() + ", but distillation.outputs is " + outputs);
        }
        Network network = Networks.build(teacher.network(), 0);
        try (PointerScope scope = new PointerScope()) {
            network.parameters().assign(ArrayData.toTensors(teacher.weights()));
        }
        network.parameters().moveTo(device);
        return new Role(name, network, teacher.inputs(), outputs, true, computation);
    }

    private Role fresh(
            String name,
            List<Sequence> inputs,
            Outputs outputs,
            Map<String, Object> further,
            Initialisation initialisation) {
        Map<String, Object> settings = new TreeMap<>(arguments);
        settings.putAll(further);
        NetworkSpec spec = new NetworkSpec(network, inputs.size(), outputs.channels(), settings);
        long seed = random.seedFor("weights of " + name);
        Network built = Networks.build(spec, seed);
        initialisation.apply(built.parameters(), seed);
        built.parameters().moveTo(device);
        return new Role(name, built, inputs, outputs, false, computation);
    }
}
