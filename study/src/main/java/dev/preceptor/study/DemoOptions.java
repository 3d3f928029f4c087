package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.recipe.YamlTree;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Options of the demo.
 *
 * @param out folder of all files; a demo that was stopped there is resumed
 * @param cohort real data instead of the phantom
 * @param schema the meaning of the labels of a real cohort; empty to derive it
 * @param images real subjects without labels, whose images are learned from
 * @param seeds different; everything is trained once for each
 * @param labelled number of subjects whose labels are used, at least 2, three eighths of them to choose the post-processing; empty
 *     for 8 phantoms, or for every labelled subject of a real cohort
 * @param unlabelled number of phantoms without labels, at least 1; ignored with real data
 * @param unseen number of scored subjects, at least 1; with real data the fold of about that size, at most a fifth
 * @param quick whether the trainings are too short for the effect, and show the way alone
 * @param controls whether the self-trained student is trained too
 * @param overrides settings {@code key=value} that are changed in all recipes
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads shared by the trainings that run side by side; 1 runs them one after the other; 0 for as many as there are cores
 */
public record DemoOptions(
        Path out,
        Optional<Path> cohort,
        Optional<LabelSpace> schema,
        Optional<Path> images,
        List<Long> seeds,
        Optional<Integer> labelled,
        int unlabelled,
        int unseen,
        boolean quick,
        boolean controls,
        List<String> overrides,
        String device,
        int threads) {
    /** Default number of labelled phantoms. */
    public static final int LABELLED = 8;

    /** Default number of phantoms without labels. */
    public static final int UNLABELLED = 60;

    /** Default number of unseen subjects. */
    public static final int UNSEEN = 8;

    private static final int MOST = 10_000;

    public DemoOptions {
        seeds = List.copyOf(seeds);
        overrides = List.copyOf(overrides);
        int least = labelled.orElse(LABELLED);
        if (least < 2 || unlabelled < 1 || unseen < 1 || (long) least + unlabelled + unseen > MOST) {
            throw new InvalidRecipeException("demo: at least 2 labelled, 1 unlabelled and 1 unseen subject, at most "
                    + MOST + " together, not " + least + ", " + unlabelled + " and " + unseen);
        }
    }

    /** The defaults: the phantom, one seed. */
    public static DemoOptions in(Path out) {
        return new DemoOptions(
                out,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(1L),
                Optional.empty(),
                UNLABELLED,
                UNSEEN,
                false,
                false,
                List.of(),
                "cpu",
                0);
    }

    /** What the options change in the built-in study {@code demo}. */
    ObjectNode changes() {
        ObjectNode changes = YamlTree.parse("{}");
        seeds.forEach(changes.putArray("seeds")::add);
        ObjectNode set = changes.putObject("set");
        if (cohort.isEmpty()) {
            changes.putObject("phantom")
                    .put("subjects", labelled.orElse(LABELLED) + unlabelled)
                    .put("unseen", unseen);
            set.put("sampling.labelled", labelled.orElse(LABELLED));
        } else {
            changes.putObject("phantom").put("subjects", 0).put("unseen", 0);
            set.put("sampling.labelled", labelled.orElse(0));
        }
        return changes;
    }
}
