package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where and with what a study is run.
 *
 * @param out its folder
 * @param cohort who is learned from; empty if the study makes a phantom
 * @param mapping table of other names of the same patients, see {@link dev.preceptor.leakage.NameMapping}
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads all that the cells share; 0 for as many as there are cores
 * @param jobs how many cells at a time, at least 1; more than one run in processes of their own
 * @param memoryMib what all cells share, in MiB; 0 for what the machine has
 * @param schema what the labels of the cohort mean; empty to decide it, see {@link dev.preceptor.cohort.SchemaDecision}
 */
public record StudyOptions(
        Path out,
        Optional<Path> cohort,
        Optional<Path> mapping,
        String device,
        int threads,
        int jobs,
        long memoryMib,
        Optional<LabelSchema> schema) {
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
        this(out, cohort, mapping, device, threads, jobs, memoryMib, Optional.empty());
    }

    /** The same with a label schema; empty to decide it. */
    public StudyOptions withSchema(Optional<LabelSchema> given) {
        return new StudyOptions(out, cohort, mapping, device, threads, jobs, memoryMib, given);
    }

    /** Threads of one cell. */
    int threadsEach() {
        int all = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        return Math.max(1, all / jobs);
    }

    /** A quarter of a cell's memory for Java's objects, as the launcher gives it; tensors live outside. */
    long heapMibEach() {
        long all = memoryMib > 0 ? memoryMib / 4 : Runtime.getRuntime().maxMemory() >> 20;
        return Math.max(LEAST_HEAP_MIB, Math.min(MOST_HEAP_MIB, all / jobs));
    }
}
