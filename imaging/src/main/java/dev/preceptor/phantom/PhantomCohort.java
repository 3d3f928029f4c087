package dev.preceptor.phantom;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a phantom cohort as a BraTS 2021 folder: images and annotated labels (values 1, 2, 4) as {@code
 * <id>/<id>_{t1,t1ce,t2,flair,seg}.nii.gz}, true labels as {@code clean/<id>.nii.gz}, and the recipe as {@code
 * phantom.json}.
 */
public final class PhantomCohort {
    /** The folder of true labels in a cohort; it is not a subject. */
    public static final String CLEAN = "clean";

    /** The label space of phantoms. */
    public static final LabelSpace LABELS = LabelSpace.BRATS_2018;

    private static final String DESCRIPTION = "phantom.json";

    private PhantomCohort() {}

    /** Called after each subject; calls never overlap but may come from any thread. */
    @FunctionalInterface
    public interface ProgressListener {
        void subjectWritten(String id, int done, int total);
    }

    /**
     * Generates and writes all subjects, each completely or not at all. The bytes of the images depend on the recipe
     * only.
     *
     * @param recipe the cohort to generate
     * @param out a folder that is empty or does not exist
     * @param threads the number of subjects generated concurrently, at least 1
     * @param progress called after each subject
     * @throws PreceptorException if the folder is not empty or cannot be written
     */
    public static void write(PhantomRecipe recipe, Path out, int threads, ProgressListener progress) {
        requireEmpty(out);
        PhantomGenerator generator = new PhantomGenerator(recipe);
        AtomicFiles.createFolder(out.resolve(CLEAN));
        AtomicInteger done = new AtomicInteger();
        List<Integer> indices = IntStream.range(recipe.firstIndex(), recipe.firstIndex() + recipe.subjects())
                .boxed()
                .toList();
        Parallel.map(indices, Math.max(1, threads), index -> {
            write(generator.subject(index), out);
            synchronized (done) {
                progress.subjectWritten(PhantomRecipe.id(index), done.incrementAndGet(), recipe.subjects());
            }
            return index;
        });
        AtomicFiles.writeString(out.resolve(DESCRIPTION), describe(recipe));
    }

    private static void requireEmpty(Path out) {
        if (!Files.exists(out)) {
            return;
        }
        if (!Files.isDirectory(out)) {
            throw new PreceptorException(out + ": is a file; name a folder that is empty or does not exist");
        }
        AtomicFiles.sweep(out);
        AtomicFiles.sweep(out.resolve(CLEAN));
        try (Stream<Path> entries = Files.list(out)) {
            List<Path> found = entries.toList();
            if (found.contains(out.resolve(CLEAN)) && !found.contains(out.resolve(DESCRIPTION))) {
                throw new PreceptorException(out + ": contains an unfinished phantom cohort (subjects: "
                        + (found.size() - 1) + "); remove it, or name a folder that is empty or does not exist");
            }
            if (!found.isEmpty()) {
                throw new PreceptorException(
                        out + ": is not empty; name a folder that is empty or does not exist, or remove this one");
            }
        } catch (IOException e) {
            throw new PreceptorException(out + ": cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    private static void write(PhantomSubject subject, Path out) {
        AtomicFiles.writeFolder(out.resolve(subject.id()), partial -> {
            for (Map.Entry<Sequence, Volume> entry : subject.volumes().entrySet()) {
                String suffix = entry.getKey().name().toLowerCase(Locale.ROOT);
                Nifti.write(partial.resolve(subject.id() + "_" + suffix + ".nii.gz"), entry.getValue());
            }
            Nifti.write(partial.resolve(subject.id() + "_seg.nii.gz"), subject.annotated());
            Nifti.write(out.resolve(CLEAN).resolve(subject.id() + ".nii.gz"), subject.clean());
        });
    }

    private static String describe(PhantomRecipe recipe) {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("format", "preceptor-phantom/1");
        if (recipe.variant() != PhantomVariant.UNIFORM) {
            // Files of the first variant, which was the only one, have no such line.
            content.put("variant", recipe.variant().version());
        }
        content.put("subjects", recipe.subjects());
        content.put("size", recipe.size());
        content.put("spacing_mm", 240.0 / recipe.size());
        content.put("seed", recipe.seed());
        content.put("first_index", recipe.firstIndex());
        content.put("anatomy", recipe.anatomy().map(Path::toString).orElse("procedural"));
        content.put("schema", "BRATS_2018");
        content.put("labels", "annotated in <id>_seg.nii.gz, true in " + CLEAN + "/<id>.nii.gz");
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n";
    }
}
