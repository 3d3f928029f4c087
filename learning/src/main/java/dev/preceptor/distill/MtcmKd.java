package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.CooperativeTeachers.TeacherOutputs;
import dev.preceptor.distill.MtcmKdOptions.Teaching;
import dev.preceptor.loss.LossBalancer;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Region;
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
 * MTCM-KD (Ahmad, Ullah, Gwak, Knowledge-Based Systems 297, 2024, 111854; methods.md section 2): several teachers, each with
 * sequences of its own, learn together through a fusion of their decoder features (CDSFL); a student with one sequence learns
 * from the labels, from each teacher by how well it did in the epoch before, and from the fusion. In each step the teachers
 * are updated first, then the student, on what the teachers said before their update.
 */
public final class MtcmKd implements Method {
    static final MethodKind KIND = MethodKind.of("mtcm-kd", MtcmKdOptions.DEFAULTS, MtcmKd::new);

    private static final double ONE_CYCLE_DIVISOR = 25;
    private static final double ONE_CYCLE_BETA1 = 0.95;

    private final MtcmKdOptions options;
    private final CombinationLoss loss;
    private final List<Role> teachers = new ArrayList<>();
    private final Role student;
    private final CooperativeTeachers cooperation;

    MtcmKd(MethodSetup setup, MtcmKdOptions options) {
        this.options = options;
        this.loss = new CombinationLoss(options.outputs(), options.combination(), setup.sums());
        requireTeachers(setup);
        if (options.distils()) {
            for (int k = 0; k < setup.teachers().size(); k++) {
                teachers.add(
                        setup.teacher(k, nameOf(setup.teachers().get(k)), options.outputs(), options.teacherWeights()));
            }
        }
        this.cooperation = new CooperativeTeachers(setup, options, teachers, options.teachers() == Teaching.FIRST);
        Map<String, Object> heads = options.levels().isEmpty()
                ? Map.of()
                : Map.of("heads", options.levels().size());
        this.student = setup.student(options.outputs(), heads, options.studentWeights());
    }

    private static String nameOf(List<Sequence> inputs) {
        return Role.TEACHER + "-"
                + inputs.stream().map(s -> s.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining("-"));
    }

    private static void requireTeachers(MethodSetup setup) {
        if (setup.teachers().isEmpty()) {
            throw new InvalidRecipeException(
                    "teachers must name the sequences of at least one teacher for the method mtcm-kd");
        }
        for (List<Sequence> teacher : setup.teachers()) {
            if (setup.studentInputs().containsAll(teacher)) {
                throw new InvalidRecipeException(
                        "teachers must each see a sequence that the student does not; the teacher " + teacher
                                + " sees nothing but what the student " + setup.studentInputs() + " sees");
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

    /** The student learns, and the teachers beside it unless they are frozen. */
    private final class StudentPhase implements Phase {
        private final TemperedKlDivergence response =
                knowledge(options.confidence().perRegion());
        private final TemperedKlDivergence fused = knowledge(false);
        private final TeacherWeights confidence =
                new TeacherWeights(options.confidence(), options.response().weight(), teachers.size());
        private final LossBalancer responseBalance = balance();
        private final List<LossBalancer> levelBalances =
                options.levels().stream().map(level -> balance()).toList();
        private int epoch;

        private TemperedKlDivergence knowledge(boolean perRegion) {
            MtcmKdOptions.Response how = options.response();
            return new TemperedKlDivergence(options.outputs(), how.temperature(), how.scale(), perRegion);
        }

        private LossBalancer balance() {
            return new LossBalancer(options.response().balanced());
        }

        @Override
        public Role leading() {
            return student;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            Map<String, ParameterGroup> learners = new LinkedHashMap<>();
            ParameterGroup own = ParameterGroup.of(student.network().parameters());
            learners.put(
                    student.name(),
                    options.oneCycleSideEffect()
                            ? new ParameterGroup(
                                    own.weights(), 1 / ONE_CYCLE_DIVISOR, OptionalDouble.of(ONE_CYCLE_BETA1))
                            : own);
            cooperation
                    .learner()
                    .ifPresent(parameterGroup -> learners.put(CooperativeTeachers.LEARNER, parameterGroup));
            return learners;
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            List<Tensor> classes = cooperation.pyramid(batch.classes());
            TeacherOutputs teacherOutputs = cooperation.teach(batch, classes, optimizers);
            Features learned = student.forward(batch);
            LossTerms terms = studentLoss(learned, classes, teacherOutputs).with(judge(teacherOutputs, batch));
            optimizers.backwardAndStep(student.name(), terms.total(), learned);
            return terms;
        }

        private Map<String, Double> judge(TeacherOutputs teacherOutputs, Batch batch) {
            Map<String, Double> figures = new LinkedHashMap<>();
            CountedVoxels counted = CountedVoxels.in(batch.classes());
            Tensor truth = TargetEncoding.regions(counted.known(batch.classes()));
            for (int k = 0; k < teachers.size(); k++) {
                double[] dice = confidence.gather(
                        k,
                        counted.within(
                                options.outputs().masks(teacherOutputs.logits().get(k))),
                        truth);
                String name = shortName(k);
                for (int r = 0; r < dice.length; r++) {
                    figures.put("dice_" + name + "_" + Region.BRATS.get(r), dice[r]);
                }
                double[] weights = confidence.of(k);
                for (int r = 0; r < weights.length; r++) {
                    figures.put("weight_" + name + (weights.length == 1 ? "" : "_" + Region.BRATS.get(r)), weights[r]);
                }
            }
            return figures;
        }

        private LossTerms studentLoss(Features learned, List<Tensor> classes, TeacherOutputs teacherOutputs) {
            LossTerms supervised = loss.of(learned.logits(), classes.get(0));
            Map<String, Tensor> terms = new LinkedHashMap<>();
            terms.put("gt", supervised.total());
            Tensor distilled = supervised.total().mul(new Scalar(options.supervised()));
            if (options.response().weight() > 0) {
                Tensor answers = respond(learned.logits(), teacherOutputs.logits(), terms);
                responseBalance.gather(
                        options.supervised() * supervised.total().item().toDouble(), meanDivergence(terms));
                distilled = distilled.add(answers.mul(new Scalar(responseBalance.factor())));
            }
            for (int i = 0; i < options.levels().size(); i++) {
                distilled = distilled.add(deepen(i, learned, classes, teacherOutputs, terms));
            }
            terms.putAll(teacherOutputs.losses());
            Tensor total = epoch < options.begins() ? supervised.total() : distilled;
            Map<String, Double> figures = new LinkedHashMap<>();
            supervised
                    .terms()
                    .forEach((name, term) ->
                            figures.put("gt_" + name, term.item().toDouble()));
            return new LossTerms(total, terms, figures);
        }

        /** The response term: the divergences to the teachers by their weights, those of regions averaged. */
        private Tensor respond(Tensor learned, List<Tensor> taught, Map<String, Tensor> terms) {
            Tensor sum = null;
            for (int k = 0; k < teachers.size(); k++) {
                Tensor divergence = response.divergence(learned, taught.get(k));
                terms.put("kd_" + shortName(k), divergence.mean());
                double[] weights = confidence.of(k);
                float[] plain = new float[weights.length];
                for (int i = 0; i < plain.length; i++) {
                    plain[i] = (float) weights[i];
                }
                Tensor weighted = divergence.mul(
                        Tensors.of(plain, plain.length).to(divergence.device(), divergence.scalar_type()));
                sum = sum == null ? weighted.mean() : sum.add(weighted.mean());
            }
            return sum;
        }

        private double meanDivergence(Map<String, Tensor> terms) {
            return IntStream.range(0, teachers.size())
                    .mapToDouble(k -> terms.get("kd_" + shortName(k)).item().toDouble())
                    .average()
                    .orElseThrow();
        }

        /** What a level adds: weight (labels L_comb(y, d) + knowledge KD(d, Z)). */
        private Tensor deepen(
                int i,
                Features learned,
                List<Tensor> classes,
                TeacherOutputs teacherOutputs,
                Map<String, Tensor> terms) {
            MtcmKdOptions.Level level = options.levels().get(i);
            Tensor own = learned.deep().get(i);
            Tensor labels = loss.of(own, classes.get(i + 1)).total();
            Tensor divergence =
                    fused.divergence(own, teacherOutputs.fused().get(i)).mean();
            terms.put("deep" + (i + 1) + "_gt", labels);
            terms.put("deep" + (i + 1) + "_kd", divergence);
            LossBalancer lossBalancer = levelBalances.get(i);
            lossBalancer.gather(labels.item().toDouble(), divergence.item().toDouble());
            return labels.mul(new Scalar(level.labels()))
                    .add(divergence.mul(new Scalar(level.knowledge() * lossBalancer.factor())))
                    .mul(new Scalar(level.student()));
        }

        private String shortName(int teacher) {
            return teachers.get(teacher).name().substring(Role.TEACHER.length() + 1);
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            List<MemoryPeak> moments = new ArrayList<>(cooperation.moments());
            moments.add(new MemoryPeak(List.of(student), List.of()));
            return moments;
        }

        @Override
        public void endEpoch() {
            epoch++;
            boolean begins = epoch == options.begins();
            confidence.endEpoch();
            responseBalance.endEpoch(begins);
            levelBalances.forEach(lossBalancer -> lossBalancer.endEpoch(begins));
        }

        @Override
        public Map<String, List<Double>> state() {
            Map<String, List<Double>> memory = new LinkedHashMap<>(confidence.state());
            memory.put("epoch", List.of((double) epoch));
            memory.put("balance", responseBalance.state());
            for (int i = 0; i < levelBalances.size(); i++) {
                memory.put("balance" + (i + 1), levelBalances.get(i).state());
            }
            return memory;
        }

        @Override
        public void loadState(Map<String, List<Double>> memory) {
            confidence.loadState(memory);
            epoch = memory.get("epoch").get(0).intValue();
            responseBalance.loadState(memory.get("balance"));
            for (int i = 0; i < levelBalances.size(); i++) {
                levelBalances.get(i).loadState(memory.get("balance" + (i + 1)));
            }
        }

        @Override
        public Validated validate(Batch batch) {
            Tensor logits = student.forward(batch).logits();
            return new Validated(loss.of(logits, batch.classes()), logits);
        }
    }
}
