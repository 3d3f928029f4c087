package dev.preceptor.train;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.network.Computation;
import dev.preceptor.plan.StepMemory;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.node.ObjectNode;

/**
 * Measures how long the steps of trainings take: runs a few steps of each phase on random images and labels, with the threads that
 * libtorch has at the time. Recipes with the same networks, patch, batch and method are measured once. Data loading, validation
 * and checkpoints are not part of a step. For one thread.
 */
public final class StepTimer {
    private static final int MOST_STEPS = 5;

    private static final double DEFAULT_SECONDS = 2;
    private static final double GIB = 1L << 30;
    /** The settings on which the time of a step depends; those of the method add or remove loss terms. */
    private static final List<String> SETTINGS = List.of(
            "method", "student", "teachers", "network", "teacherNetwork", "teacherEnsemble", "compute", "distillation");

    private final LabelSpace labels;
    private final String device;
    private final double enoughSeconds;
    private final Map<ObjectNode, List<Double>> measured = new HashMap<>();

    /**
     * @param labels the regions and classes that the networks segment
     * @param device {@code cpu} or {@code cuda:N}
     */
    public StepTimer(LabelSpace labels, String device) {
        this(labels, device, DEFAULT_SECONDS);
    }

    /** @param enoughSeconds after which no further step of a phase is measured; the first always is */
    public StepTimer(LabelSpace labels, String device, double enoughSeconds) {
        this.labels = labels;
        this.device = device;
        this.enoughSeconds = enoughSeconds;
    }

    /**
     * A phase of a training.
     *
     * @param role the network that it trains
     * @param steps optimizer steps, if the phase does not stop early
     * @param secondsPerStep measured
     */
    public record PhaseTime(String role, long steps, double secondsPerStep) {
        /** Seconds of all steps. */
        public double seconds() {
            return steps * secondsPerStep;
        }
    }

    /**
     * The phases of a training with their steps and the time of a step.
     *
     * @param owner recipe of the training whose teachers this one uses; empty if it has or trains its own
     * @param subjects number of labelled training subjects
     * @throws PreceptorException if the recipe is invalid, plans its patch, or exceeds its own limit of memory
     */
    public List<PhaseTime> time(Recipe recipe, Optional<Recipe> owner, int subjects) {
        if (recipe.plan() == Planning.AUTO) {
            throw new PreceptorException("its patch is planned from the cohort (plan: AUTO)");
        }
        List<TrainedTeacher> trained = owner.map(other -> SharedTeachers.untrained(recipe, other, labels))
                .orElseGet(() -> TeacherModels.read(recipe).teachers());
        Torch.allowTf32(recipe.compute().precision() == Computation.Precision.TF32);
        try (Method method = recipe.build(labels, trained, Torch.device(device))) {
            List<Phase> phases = method.phases();
            ObjectNode key = key(recipe, trained);
            if (!measured.containsKey(key)) {
                requireFitting(recipe, trained);
                measured.put(
                        key,
                        phases.stream().map(phase -> measure(recipe, phase)).toList());
            }
            List<PhaseTime> times = new ArrayList<>();
            for (int i = 0; i < phases.size(); i++) {
                String role = phases.get(i).leading().name();
                long steps = (long) recipe.optimization().epochsOf(role.equals(Role.STUDENT))
                        * TrainingData.stepsPerEpoch(recipe, subjects);
                times.add(new PhaseTime(role, steps, measured.get(key).get(i)));
            }
            return times;
        }
    }

    private static ObjectNode key(Recipe recipe, List<TrainedTeacher> trained) {
        ObjectNode tree = Settings.JSON.valueToTree(recipe);
        ObjectNode key = Settings.JSON.createObjectNode();
        SETTINGS.forEach(setting -> key.set(setting, tree.get(setting)));
        key.set("patch", tree.get("sampling").get("patch"));
        key.set("batch", tree.get("sampling").get("batch"));
        key.set("accumulate", tree.get("optimization").get("accumulate"));
        key.set(
                "trained",
                Settings.JSON.valueToTree(
                        trained.stream().map(TrainedTeacher::network).toList()));
        return key;
    }

    /** A step beyond the memory of the machine may end the process. */
    private void requireFitting(Recipe recipe, List<TrainedTeacher> trained) {
        if (recipe.memory() == 0) {
            return;
        }
        StepMemory memory = StepMemory.of(recipe, labels, trained, StepMemory.Heap.NONE, device.equals("cpu"));
        long bytes = memory.estimate(
                        recipe.sampling().patchSize(), recipe.sampling().batch())
                .total();
        if (bytes > recipe.memory() * GIB) {
            throw new PreceptorException("a step does not fit into memory=" + recipe.memory());
        }
    }

    /** Median seconds of a step. */
    private double measure(Recipe recipe, Phase phase) {
        double[] seconds = new double[MOST_STEPS];
        int count = 0;
        double sum = 0;
        try (PhaseOptimizers optimizers = new PhaseOptimizers(
                        phase,
                        recipe.optimization(),
                        recipe.optimization().epochsOf(phase.leading().name().equals(Role.STUDENT)));
                PointerScope scope = new PointerScope()) {
            Batch batch = random(recipe, Torch.device(device));
            // Not measured: it allocates, and oneDNN generates its code.
            step(phase, optimizers, batch);
            while (count < MOST_STEPS && (count == 0 || sum < enoughSeconds)) {
                long begin = System.nanoTime();
                step(phase, optimizers, batch);
                seconds[count] = (System.nanoTime() - begin) / 1e9;
                sum += seconds[count++];
            }
        }
        Arrays.sort(seconds, 0, count);
        return seconds[count / 2] * recipe.optimization().accumulate();
    }

    private static void step(Phase phase, PhaseOptimizers optimizers, Batch batch) {
        try (PointerScope scope = new PointerScope()) {
            optimizers.beginBatch();
            // Reading the losses waits for a GPU.
            phase.step(batch, optimizers).values();
        }
    }

    /** Random images and labels; libtorch's random numbers stay as they are, so that trainings do not depend on the measurement. */
    private Batch random(Recipe recipe, Device target) {
        SplittableRandom random = new SplittableRandom(1);
        Size size = recipe.sampling().patchSize();
        int batch = recipe.sampling().batch();
        int sequences = recipe.sequences().size();
        float[] images = new float[Math.toIntExact((long) batch * sequences * size.voxels())];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble(-1, 1);
        }
        byte[] classes = new byte[batch * size.voxels()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) random.nextInt(labels.classes().size() + 1);
        }
        return new Batch(
                recipe.sequences(),
                Tensors.of(images, batch, sequences, size.x(), size.y(), size.z())
                        .to(target, torch.ScalarType.Float),
                Tensors.of(classes, batch, size.x(), size.y(), size.z()).to(target, torch.ScalarType.Long));
    }
}
