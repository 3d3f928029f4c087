package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.network.CooperativeFusion;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The teachers of MTCM-KD with the fusions that join them (CDSFL, methods.md 2.3 and 2.4). The loss of the fused logits
 * reaches every teacher: that is how they learn from each other.
 */
final class CooperativeTeachers {
    /** The group of weights that one optimizer trains: all teachers and fusions. */
    static final String LEARNER = "teachers";

    private final List<Role> roles;
    private final boolean areFrozen;
    private final List<MtcmKdOptions.Level> levels;
    private final List<CooperativeFusion> fusions = new ArrayList<>();
    private final CombinationLoss loss;

    /**
     * @param seeds of the fusions' weights, one for each level
     * @throws InvalidRecipeException if the networks have fewer decoder levels
     */
    CooperativeTeachers(MethodSetup setup, MtcmKdOptions options, List<Role> roles, boolean areFrozen) {
        this.roles = List.copyOf(roles);
        this.areFrozen = areFrozen;
        this.levels = options.levels();
        this.loss = new CombinationLoss(options.outputs(), options.combination());
        roles.forEach(role -> requireLevels(role, levels.size()));
        for (int i = 1; i <= levels.size(); i++) {
            int level = i;
            String name = fusionName(level);
            CooperativeFusion fusion = new CooperativeFusion(
                    roles.stream()
                            .map(role -> role.network().decoderChannels().get(level))
                            .toList(),
                    options.outputs().channels(),
                    options.fusionAttention(),
                    options.teacherWeights(),
                    setup.random().seedFor("weights of " + name));
            fusion.parameters().moveTo(setup.device());
            fusions.add(fusion);
        }
    }

    static void requireLevels(Role role, int levels) {
        int most = role.network().decoderChannels().size() - 1;
        if (levels > most) {
            throw new InvalidRecipeException("distillation.levels must have at most " + most
                    + " entries, the decoder levels below full resolution of the " + role.name() + ", not " + levels);
        }
    }

    private static String fusionName(int level) {
        return "fusion-" + level;
    }

    /** The weights of the fusions by name. */
    Map<String, Parameters> fusions() {
        Map<String, Parameters> parameters = new LinkedHashMap<>();
        for (int i = 0; i < fusions.size(); i++) {
            parameters.put(fusionName(i + 1), fusions.get(i).parameters());
        }
        return parameters;
    }

    /** What learns here, if anything does. */
    Optional<Learner> learner() {
        Map<String, Parameters> groups = new LinkedHashMap<>();
        if (!areFrozen) {
            roles.forEach(role -> groups.put(role.name(), role.network().parameters()));
        }
        groups.putAll(fusions());
        return groups.isEmpty() ? Optional.empty() : Optional.of(Learner.joint(groups));
    }

    /**
     * What the student is taught on a batch; no tensor of it carries a gradient.
     *
     * @param logits of each teacher at full resolution
     * @param fused logits of each level
     * @param losses of each teacher and each level, by name in the log, and {@code teachers}, what was minimised
     */
    record Taught(List<Tensor> logits, List<Tensor> fused, Map<String, Tensor> losses) {}

    /** One forward of all teachers on a batch, and their update by it. */
    Taught teach(Batch batch, List<Tensor> classes, Phase.Updates updates) {
        List<String> names = new ArrayList<>();
        List<Tensor> results = Tensors.scopedList(() -> {
            List<Features> features =
                    roles.stream().map(role -> forward(role, batch)).toList();
            List<Tensor> fused = new ArrayList<>();
            List<Tensor> losses = new ArrayList<>();
            Tensor total = null;
            for (int k = 0; k < roles.size(); k++) {
                Tensor own = loss.of(features.get(k).logits(), classes.get(0)).total();
                names.add(roles.get(k).name());
                losses.add(own);
                total = areFrozen ? null : sum(total, own);
            }
            for (int i = 0; i < fusions.size(); i++) {
                int level = i + 1;
                Tensor z = fusions.get(i)
                        .fuse(features.stream().map(f -> f.decoder().get(level)).toList());
                Tensor cooperative = loss.of(z, classes.get(level)).total();
                fused.add(z);
                names.add(fusionName(level));
                losses.add(cooperative);
                total = sum(total, cooperative.mul(new Scalar(levels.get(i).fusion())));
            }
            if (total != null) {
                updates.minimise(LEARNER, total);
                names.add(LEARNER);
                losses.add(total);
            }
            List<Tensor> all = new ArrayList<>();
            features.forEach(f -> all.add(f.logits().detach()));
            fused.forEach(z -> all.add(z.detach()));
            losses.forEach(l -> all.add(l.detach()));
            return all;
        });
        int given = roles.size() + fusions.size();
        Map<String, Tensor> losses = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            losses.put(names.get(i), results.get(given + i));
        }
        return new Taught(results.subList(0, roles.size()), results.subList(roles.size(), given), losses);
    }

    private Features forward(Role role, Batch batch) {
        if (!areFrozen) {
            return role.network().forward(batch.input(role.inputs()));
        }
        try (NoGradGuard guard = new NoGradGuard()) {
            return role.network().forward(batch.input(role.inputs()));
        }
    }

    private static Tensor sum(Tensor total, Tensor term) {
        return total == null ? term : total.add(term);
    }

    /** Labels at each level: [B, X, Y, Z] / 2^i, by the nearest voxel, that is every 2^i-th. */
    List<Tensor> pyramid(Tensor classes) {
        List<Tensor> pyramid = new ArrayList<>(List.of(classes));
        for (int i = 1; i <= levels.size(); i++) {
            Tensor coarse = classes;
            for (int axis = 1; axis <= 3; axis++) {
                coarse = coarse.slice(axis, new LongOptional(), new LongOptional(), 1L << i);
            }
            pyramid.add(coarse);
        }
        return pyramid;
    }
}
