package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.base.Settings;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Initialisation;
import dev.preceptor.network.Network;
import dev.preceptor.network.Requirement;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import tools.jackson.databind.node.ObjectNode;

/**
 * From what a method is built: the part of a recipe that concerns it.
 *
 * @param studentInputs the sequences of the student, usually one
 * @param bedside those of the student's sequences that are there at prediction; empty for all
 * @param teachers the sequences of each teacher; empty for a method without teachers
 * @param trained teachers from an earlier training, one for each of {@code teachers}; empty to train the teachers in this run
 * @param labels the regions and classes that the networks segment
 * @param network of the student
 * @param teacherNetwork of the teachers that are trained in this run
 * @param ensemble how many networks take the place of a teacher that is trained before the student
 * @param subjects IDs of the subjects that are trained on; empty as long as no cohort is read
 * @param distillation the {@code distillation} block of the recipe
 * @param computation how the networks compute
 * @param random the random streams of the run, from which fresh weights are drawn
 * @param device of the networks
 * @param sums over the samples of all processes, for losses that pool the samples of a batch
 */
public record MethodSetup(
        List<Sequence> studentInputs,
        List<Sequence> bedside,
        List<List<Sequence>> teachers,
        List<TrainedTeacher> trained,
        LabelSpace labels,
        NetworkSettings network,
        NetworkSettings teacherNetwork,
        EnsembleSettings ensemble,
        List<String> subjects,
        ObjectNode distillation,
        Computation computation,
        RandomStreams random,
        Device device,
        GlobalBatchSum sums) {
    public MethodSetup {
        bedside = List.copyOf(bedside);
        trained = List.copyOf(trained);
        subjects = List.copyOf(subjects);
        if (!trained.isEmpty() && trained.size() != teachers.size()) {
            throw new IllegalArgumentException(trained.size() + " trained teachers for " + teachers.size());
        }
    }

    /**
     * What output channels mean for the regions at hand.
     *
     * @throws InvalidRecipeException if the encoding does not suit them
     */
    public Targets targets(TargetEncoding encoding) {
        return new Targets(encoding, labels);
    }

    /**
     * The student with fresh weights and heads for deep supervision.
     *
     * @param heads number of decoder stages below the full resolution with a head
     * @throws InvalidRecipeException if the network has fewer such stages
     */
    public Role student(TargetEncoding targetEncoding, int heads) {
        return withHeads(heads, further -> student(targetEncoding, further, Initialisation.HE_NORMAL));
    }

    /**
     * A teacher with heads for deep supervision: the trained one if there is one, else with fresh weights.
     *
     * @param index in {@link #teachers()}
     * @param name of the role
     * @param heads number of decoder stages below the full resolution with a head
     * @throws InvalidRecipeException if the network has fewer such stages, or the trained teacher other outputs
     */
    public Role teacher(int index, String name, TargetEncoding targetEncoding, int heads) {
        return withHeads(heads, further -> teacher(index, name, targetEncoding, further, Initialisation.HE_NORMAL));
    }

    private static Role withHeads(int heads, Function<Map<String, Object>, Role> build) {
        Settings.require(heads >= 0, "distillation.deepSupervision", "0 or a number of heads", heads);
        try {
            return build.apply(heads == 0 ? Map.of() : Map.of("heads", heads));
        } catch (InvalidRecipeException e) {
            if (NetworkSettings.isAboutHeads(e)) {
                throw new InvalidRecipeException(
                        "distillation.deepSupervision asks for more heads than there are decoder stages below the full"
                                + " resolution: " + e.getMessage(),
                        e);
            }
            throw e;
        }
    }

    /**
     * Refuses a loss that is not a mean over samples if several processes share a batch.
     *
     * @param pools whether the loss pools the samples of a batch
     * @param setting the setting that makes it do so, for the message
     * @throws InvalidRecipeException if {@code pools} and several processes share the batch
     */
    public void requireMeans(boolean pools, String setting) {
        if (pools && sums != GlobalBatchSum.LOCAL) {
            throw new InvalidRecipeException(setting
                    + " pools the samples of a batch, but each process has only a share of them; leave it out, or train"
                    + " with one process");
        }
    }

    /**
     * The random streams of what is drawn for the patches of this process: {@link #random()} in the first process, and others in
     * each further one, so that no two shards of a batch get the same draws.
     */
    RandomStreams randomOfPatches() {
        return sums.rank() == 0 ? random : new RandomStreams(random.seedFor("patches of rank", sums.rank()));
    }

    /**
     * Refuses teachers that the method does not train itself, together with the student.
     *
     * @throws InvalidRecipeException if there are trained teachers, or an ensemble in the place of one
     */
    void requireNoGivenTeachers(String method) {
        if (!trained.isEmpty()) {
            throw new InvalidRecipeException("teacherModels must be empty for the method " + method
                    + ", which trains all of its networks in one run");
        }
        if (ensemble.size() > 1) {
            throw new InvalidRecipeException(
                    "teacherEnsemble.size must be 1 for the method " + method + ", not " + ensemble.size());
        }
    }

    /**
     * Refuses the summand of a supervised loss that pools the samples of a batch if several processes share the batch.
     *
     * @throws InvalidRecipeException if the loss has top-k and several processes share the batch
     */
    public void requireMeans(List<SupervisedLoss> loss) {
        requireMeans(
                loss.stream().anyMatch(SupervisedLoss.TopK.class::isInstance), "the loss top-k in distillation.loss");
    }

    /**
     * The student with fresh weights, which depend on the seed alone.
     *
     * @param further settings of the network, added to those of the recipe
     */
    public Role student(TargetEncoding targetEncoding, Map<String, Object> further, Initialisation initialisation) {
        Role student = fresh(Role.STUDENT, network, studentInputs, targetEncoding, further, initialisation);
        if (bedside.isEmpty()) {
            return student;
        }
        if (student.network().requires() == Requirement.ALL) {
            throw new InvalidRecipeException("bedside must be left out for network " + network.name()
                    + ", which needs all its sequences " + studentInputs
                    + "; choose a network that takes any subset, or network.missing ZERO");
        }
        return new Role(
                student.name(), student.network(), studentInputs, bedside, student.outputs(), false, computation);
    }

    /**
     * A teacher: the trained one, with its own network, if there is one; else with fresh weights, which depend on the seed
     * and the name alone.
     *
     * @param index in {@link #teachers()}
     * @param name of the role
     * @throws InvalidRecipeException if the trained teacher has other outputs
     */
    public Role teacher(int index, String name, TargetEncoding targetEncoding, Initialisation initialisation) {
        return teacher(index, name, targetEncoding, Map.of(), initialisation);
    }

    private Role teacher(
            int index,
            String name,
            TargetEncoding targetEncoding,
            Map<String, Object> further,
            Initialisation initialisation) {
        if (trained.isEmpty()) {
            return fresh(name, teacherNetwork, teachers.get(index), targetEncoding, further, initialisation);
        }
        TrainedTeacher teacher = trained.get(index);
        Targets targets = targets(targetEncoding);
        if (teacher.outputs().encoding() != targetEncoding) {
            throw new InvalidRecipeException("teacherModels: " + teacher.origin() + " has the outputs "
                    + teacher.outputs().encoding() + ", but distillation.outputs is " + targetEncoding);
        }
        if (!teacher.outputs().labels().hasRegionsOf(labels)) {
            throw new InvalidRecipeException("teacherModels: " + teacher.origin() + " segments the regions "
                    + teacher.outputs().labels().regions() + ", but the cohort has " + labels.regions());
        }
        Network built = Networks.build(teacher.network(), 0);
        try (PointerScope scope = new PointerScope()) {
            built.parameters().assign(ArrayData.toTensors(teacher.weights()));
        }
        built.parameters().moveTo(device);
        return new Role(name, built, teacher.inputs(), targets, true, computation);
    }

    private Role fresh(
            String name,
            NetworkSettings settings,
            List<Sequence> inputs,
            TargetEncoding targetEncoding,
            Map<String, Object> further,
            Initialisation initialisation) {
        Targets targets = targets(targetEncoding);
        long seed = random.seedFor("weights of " + name);
        Network built = settings.build(inputs.size(), targets.channels(), further, seed);
        initialisation.apply(built.parameters(), seed);
        built.parameters().moveTo(device);
        return new Role(name, built, inputs, targets, false, computation);
    }
}
