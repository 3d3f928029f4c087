package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder, the cohort and the resources of a study.
 *
 * @param out folder of the study
 * @param cohort folder of the subjects; empty if the study makes a phantom
 * @param mapping table of other names of the same patients, see {@link dev.preceptor.leakage.NameMapping}
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads shared by all trials; 0 for as many as there are cores
 * @param jobs count of trials that run at a time, at least 1; above 1, each runs in a process of its own
 * @param memoryMib shared by all trials, in MiB; 0 for the heap of this process as Java memory of all trials
 * @param schema label schema of the cohort; empty to decide it, see {@link dev.preceptor.cohort.SchemaDecision}
 * @param unlabelled folder of further subjects, from whose images alone the methods learn; empty for none
 */
public record StudyOptions(
        Path out,
        Optional<Path> cohort,
        Optional<Path> mapping,
        String device,
        int threads,
        int jobs,
        long memoryMib,
        Optional<LabelSpace> schema,
        Optional<Path> unlabelled) {
    private static final long LEAST_MIB = 1024;
    private static final long LEAST_HEAP_MIB = 512;
    private static final long MOST_HEAP_MIB = 4096;

    public StudyOptions {
        if (threads < 0 || jobs < 1 || memoryMib < 0) {
            throw new InvalidRecipeException("a study needs at least one job, and no negative threads or memory: not "
                    + jobs + ", " + threads + " and " + memoryMib + " MiB");
        }
        if (memoryMib > 0 && memoryMib / jobs < LEAST_MIB) {
            throw new InvalidRecipeException(jobs + " jobs in " + memoryMib + " MiB leave " + memoryMib / jobs
                    + " MiB each, and one needs " + LEAST_MIB + " at least; take fewer jobs or give more memory");
        }
    }

    /** With the label schema decided by the cohort. */
    public StudyOptions(
            Path out,
            Optional<Path> cohort,
            Optional<Path> mapping,
            String device,
            int threads,
            int jobs,
            long memoryMib) {
        this(out, cohort, mapping, device, threads, jobs, memoryMib, Optional.empty(), Optional.empty());
    }

    /** The same with a label schema; empty to decide it. */
    public StudyOptions withSchema(Optional<LabelSpace> given) {
        return new StudyOptions(out, cohort, mapping, device, threads, jobs, memoryMib, given, unlabelled);
    }

    /** The same with a second cohort, from whose images alone the methods learn; empty for none. */
    public StudyOptions withUnlabelled(Optional<Path> images) {
        return new StudyOptions(out, cohort, mapping, device, threads, jobs, memoryMib, schema, images);
    }

    /** Threads of one trial. */
    int threadsEach() {
        int all = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        return Math.max(1, all / jobs);
    }

    /** The Java heap of one trial in MiB: a quarter of its memory, as in the launcher; tensors lie outside the heap. */
    long heapMibEach() {
        long all = memoryMib > 0 ? memoryMib / 4 : Runtime.getRuntime().maxMemory() >> 20;
        return Math.max(LEAST_HEAP_MIB, Math.min(MOST_HEAP_MIB, all / jobs));
    }
}
