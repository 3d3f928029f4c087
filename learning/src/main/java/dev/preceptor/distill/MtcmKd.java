package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.CooperativeTeachers.StepOutputs;
import dev.preceptor.distill.MtcmKdOptions.Teaching;
import dev.preceptor.loss.CombinationLoss;
import dev.preceptor.loss.LossBalancer;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.TemperedKlDivergence;
import dev.preceptor.loss.ValidVoxels;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * MTCM-KD (Ahmad, Ullah, Gwak, Knowledge-Based Systems 297, 2024, 111854; docs/methods/mtcm-kd.md). Several teachers with
 * different sequences are trained together through a fusion of their decoder features (CDSFL). A student with one sequence
 * learns from the labels, from each teacher, weighted by its score in the previous epoch, and from the fusion. Each step
 * updates the teachers first, then the student on the teachers' outputs from before their update.
 */
public final class MtcmKd implements Method {
    /** The method {@code mtcm-kd}. */
    public static final MethodKind KIND = MethodKind.of("mtcm-kd", MtcmKdOptions.DEFAULTS, MtcmKd::new);

    private static final double ONE_CYCLE_DIVISOR = 25;
    private static final double ONE_CYCLE_BETA1 = 0.95;

    private final MtcmKdOptions options;
    private final CombinationLoss loss;
    private final List<Role> teachers = new ArrayList<>();
    private final Role student;
    private final Targets targets;
    private final CooperativeTeachers cooperation;

    MtcmKd(MethodSetup setup, MtcmKdOptions options) {
        this.options = options;
        this.targets = setup.targets(options.outputs());
        this.loss = new CombinationLoss(targets, options.combination(), setup.sums());
        requireTeachers(setup);
        targets.requireRegions(
                "distillation.confidence.regions", options.confidence().regions());
        if (options.distils()) {
            for (int k = 0; k < setup.teachers().size(); k++) {
                teachers.add(setup.teacher(
                        k, teacherName(setup.teachers().get(k)), options.outputs(), options.teacherWeights()));
            }
        }
        this.cooperation = new CooperativeTeachers(setup, options, teachers, options.teachers() == Teaching.FIRST);
        this.student = student(setup);
    }

    /** The student, with a head at each level of the fusions. */
    private Role student(MethodSetup setup) {
        int levels = options.levels().size();
        try {
            return setup.student(
                    options.outputs(), levels == 0 ? Map.of() : Map.of("heads", levels), options.studentWeights());
        } catch (InvalidRecipeException e) {
            if (!NetworkSettings.isAboutHeads(e)) {
                throw e;
            }
            throw new InvalidRecipeException(
                    "distillation.levels has " + levels
                            + " entries, but the student has fewer decoder levels below full"
                            + " resolution than "
                            + teachers.stream().map(Role::describe).collect(Collectors.joining(", ")) + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private static String teacherName(List<Sequence> inputs) {
        return Role.TEACHER + "-"
                + inputs.stream().map(s -> s.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining("-"));
    }

    private static void requireTeachers(MethodSetup setup) {
        if (setup.ensemble().size() > 1) {
            throw new InvalidRecipeException("teacherEnsemble.size must be 1 for the method mtcm-kd, not "
                    + setup.ensemble().size() + ": its teachers learn together");
        }
        if (setup.teachers().isEmpty()) {
            throw new InvalidRecipeException(
                    "teachers must name the sequences of at least one teacher for the method mtcm-kd");
        }
        for (List<Sequence> teacher : setup.teachers()) {
            if (setup.studentInputs().containsAll(teacher)) {
                throw new InvalidRecipeException(
                        "teachers must each have a sequence that the student lacks; the teacher " + teacher
                                + " has only sequences of the student " + setup.studentInputs());
            }
        }
        if (new HashSet<>(setup.teachers()).size() < setup.teachers().size()) {
            throw new InvalidRecipeException("teachers must differ in their sequences, not " + setup.teachers());
        }
    }

    @Override
    public List<Role> roles() {
        List<Role> roles = new ArrayList<>(teachers);
        roles.add(student);
        return roles;
    }

    @Override
    public List<Phase> phases() {
        if (!options.distils()) {
            return List.of(new SupervisedPhase(student, loss));
        }
        List<Phase> phases = new ArrayList<>();
        if (options.teachers() == Teaching.FIRST) {
            teachers.stream()
                    .filter(teacher -> !teacher.trained())
                    .map(teacher -> new SupervisedPhase(teacher, loss))
                    .forEach(phases::add);
        }
        phases.add(new StudentPhase());
        return phases;
    }

    @Override
    public void close() {
        cooperation.close();
        Method.super.close();
    }

    @Override
    public Map<String, Parameters> auxiliaryParameters() {
        return cooperation.fusions();
    }

    /** Trains the student, and in the same steps the fusions and, unless frozen, the teachers. */
    private final class StudentPhase implements Phase {
        private final TemperedKlDivergence responseDivergence =
                divergence(options.confidence().perRegion());
        private final TemperedKlDivergence fusionDivergence = divergence(false);
        private final TeacherWeights teacherWeights = new TeacherWeights(
                options.confidence(), targets.regionNames(), options.response().weight(), teachers.size());
        private final LossBalancer responseBalancer = balancer();
        private final List<LossBalancer> levelBalancers =
                options.levels().stream().map(level -> balancer()).toList();
        private final Ramp ramp = new Ramp(options.ramp());
        private int epoch;

        private TemperedKlDivergence divergence(boolean perRegion) {
            MtcmKdOptions.Response response = options.response();
            return new TemperedKlDivergence(targets, response.temperature(), response.scale(), perRegion);
        }

        private LossBalancer balancer() {
            return new LossBalancer(options.response().balanced());
        }

        @Override
        public Role leading() {
            return student;
        }

        @Override
        public long teacherCacheBytes() {
            return options.distils() && options.teachers() == Teaching.FIRST ? TeacherCacheBudget.CAPACITY_BYTES : 0;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            Map<String, ParameterGroup> groups = new LinkedHashMap<>();
            ParameterGroup own = ParameterGroup.of(student.network().parameters());
            groups.put(
                    student.name(),
                    options.oneCycleSideEffect()
                            ? new ParameterGroup(
                                    own.weights(), 1 / ONE_CYCLE_DIVISOR, OptionalDouble.of(ONE_CYCLE_BETA1))
                            : own);
            cooperation.parameterGroup().ifPresent(group -> groups.put(CooperativeTeachers.GROUP, group));
            return groups;
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            List<Tensor> classes = cooperation.pyramid(batch.classes());
            StepOutputs teacherOutputs = cooperation.step(batch, classes, optimizers);
            Features features = student.forward(batch);
            LossTerms supervised = loss.of(features.logits(), classes.get(0));
            LossTerms losses = studentLoss(supervised, features, classes, teacherOutputs);
            optimizers.backwardAndStep(student.name(), losses, features);
            // Numbers are read when nothing of the step remains to be computed: a GPU has work until then.
            return losses.with(observe(losses, supervised.terms())).with(scoreTeachers(teacherOutputs, batch));
        }

        /** Dice and weight of each teacher for the log; adds the Dice to the scores of the epoch. */
        private Map<String, Double> scoreTeachers(StepOutputs teacherOutputs, Batch batch) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            ValidVoxels valid = ValidVoxels.in(batch.classes());
            Tensor reference = targets.regions(valid.ignoredAsBackground(batch.classes()));
            for (int k = 0; k < teachers.size(); k++) {
                Tensor masks = targets.masks(teacherOutputs.logits().get(k));
                double[] dice = teacherWeights.add(k, valid.within(masks), reference);
                String name = shortName(k);
                for (int r = 0; r < dice.length; r++) {
                    metrics.put("dice_" + name + "_" + targets.regionNames().get(r), dice[r]);
                }
                double[] weights = teacherWeights.of(k);
                for (int r = 0; r < weights.length; r++) {
                    metrics.put(
                            "weight_" + name
                                    + (weights.length == 1
                                            ? ""
                                            : "_" + targets.regionNames().get(r)),
                            weights[r]);
                }
            }
            return metrics;
        }

        /**
         * 0.75 L_comb(y, z_s) + response + levels with the paper's weights; before distillation begins, L_comb(y, z_s) alone.
         */
        private LossTerms studentLoss(
                LossTerms supervised, Features features, List<Tensor> classes, StepOutputs teacherOutputs) {
            Map<String, Tensor> terms = new LinkedHashMap<>();
            terms.put(LossTerms.SUPERVISED, supervised.total());
            Tensor distilled = supervised.total().mul(new Scalar(options.supervised()));
            if (options.response().weight() > 0) {
                Tensor response = response(features.logits(), teacherOutputs.logits(), terms);
                distilled = distilled.add(response.mul(new Scalar(responseBalancer.factor() * ramp.factor())));
            }
            for (int i = 0; i < options.levels().size(); i++) {
                distilled = distilled.add(level(i, features, classes, teacherOutputs, terms));
            }
            terms.putAll(teacherOutputs.losses());
            return new LossTerms(epoch < options.begins() ? supervised.total() : distilled, terms);
        }

        /**
         * Gives the balancers the terms of a step.
         *
         * @param supervised the terms of the student's loss against the labels
         * @return these by their names in the log
         */
        private Map<String, Double> observe(LossTerms losses, Map<String, Tensor> supervised) {
            Map<String, Tensor> all = new LinkedHashMap<>(losses.terms());
            supervised.forEach((name, term) -> all.put("gt_" + name, term));
            double[] numbers = Tensors.toDoubles(List.copyOf(all.values()));
            Map<String, Double> values = new LinkedHashMap<>();
            all.keySet().forEach(name -> values.put(name, numbers[values.size()]));
            if (options.response().weight() > 0) {
                double divergence = IntStream.range(0, teachers.size())
                        .mapToDouble(k -> values.get("kd_" + shortName(k)))
                        .average()
                        .orElseThrow();
                responseBalancer.add(options.supervised() * values.get(LossTerms.SUPERVISED), divergence);
            }
            for (int i = 0; i < levelBalancers.size(); i++) {
                String level = "deep" + (i + 1);
                levelBalancers.get(i).add(values.get(level + "_gt"), values.get(level + "_kd"));
            }
            values.keySet().removeAll(losses.terms().keySet());
            return values;
        }

        /**
         * Response distillation: the weighted sum of the divergences from the teachers; the mean over regions, if separate.
         */
        private Tensor response(Tensor studentLogits, List<Tensor> teacherLogits, Map<String, Tensor> terms) {
            Tensor sum = null;
            for (int k = 0; k < teachers.size(); k++) {
                Tensor divergence = responseDivergence.divergence(studentLogits, teacherLogits.get(k));
                terms.put("kd_" + shortName(k), divergence.mean());
                double[] weights = teacherWeights.of(k);
                float[] floats = new float[weights.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) weights[i];
                }
                Tensor weighted = divergence.mul(
                        Tensors.of(floats, floats.length).to(divergence.device(), divergence.scalar_type()));
                sum = sum == null ? weighted.mean() : sum.add(weighted.mean());
            }
            return sum;
        }

        /**
         * The term of one level: student * (labels * L_comb(y, d) + knowledge * KL(Z || d)) for student logits d, fused
         * logits Z.
         */
        private Tensor level(
                int i, Features features, List<Tensor> classes, StepOutputs teacherOutputs, Map<String, Tensor> terms) {
            MtcmKdOptions.Level level = options.levels().get(i);
            Tensor logits = features.deep().get(i);
            Tensor labels = loss.of(logits, classes.get(i + 1)).total();
            Tensor divergence = fusionDivergence
                    .divergence(logits, teacherOutputs.fused().get(i))
                    .mean();
            terms.put("deep" + (i + 1) + "_gt", labels);
            terms.put("deep" + (i + 1) + "_kd", divergence);
            LossBalancer balancer = levelBalancers.get(i);
            return labels.mul(new Scalar(level.labels()))
                    .add(divergence.mul(new Scalar(level.knowledge() * balancer.factor() * ramp.factor())))
                    .mul(new Scalar(level.student()));
        }

        private String shortName(int teacher) {
            return teachers.get(teacher).name().substring(Role.TEACHER.length() + 1);
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            List<MemoryPeak> peaks = new ArrayList<>(cooperation.memoryPeaks());
            peaks.add(new MemoryPeak(List.of(student), List.of()));
            return peaks;
        }

        @Override
        public void endEpoch() {
            if (epoch >= options.begins()) {
                ramp.endEpoch();
            }
            epoch++;
            boolean begins = epoch == options.begins();
            teacherWeights.endEpoch();
            responseBalancer.endEpoch(begins);
            levelBalancers.forEach(balancer -> balancer.endEpoch(begins));
        }

        @Override
        public Map<String, List<Double>> state() {
            Map<String, List<Double>> state = new LinkedHashMap<>(teacherWeights.state());
            state.put("epoch", List.of((double) epoch));
            ramp.save(state);
            state.put("balance", responseBalancer.state());
            for (int i = 0; i < levelBalancers.size(); i++) {
                state.put("balance" + (i + 1), levelBalancers.get(i).state());
            }
            return state;
        }

        @Override
        public void loadState(Map<String, List<Double>> state) {
            teacherWeights.loadState(state);
            epoch = state.get("epoch").get(0).intValue();
            ramp.load(state);
            responseBalancer.loadState(state.get("balance"));
            for (int i = 0; i < levelBalancers.size(); i++) {
                levelBalancers.get(i).loadState(state.get("balance" + (i + 1)));
            }
        }

        @Override
        public Validated validate(Batch batch) {
            Tensor logits = student.forwardAtBedside(batch).logits();
            return new Validated(loss.of(logits, batch.classes()), logits);
        }
    }
}
