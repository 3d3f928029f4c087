package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What one executor needs. An executor runs one task at a time, whose threads are its cores: two networks in one process would share
 * the threads of libtorch.
 *
 * @param cores of an executor and its task
 * @param heapMib Java heap in MiB
 * @param nativeMib memory beside the heap in MiB: tensors, and the process of a trial with its heap
 * @param ranks processes that must run at the same time; empty for work of which any part may run at any time
 */
public record ClusterNeeds(int cores, int heapMib, int nativeMib, OptionalInt ranks) {
    public ClusterNeeds {
        if (cores < 1 || heapMib < 256 || nativeMib < 128) {
            throw new PreceptorException(
                    "an executor needs at least 1 core, 256 MiB of heap and 128 MiB beside it, not " + cores + ", "
                            + heapMib + " and " + nativeMib);
        }
    }

    /** Work of which any part may run at any time. */
    public ClusterNeeds(int cores, int heapMib, int nativeMib) {
        this(cores, heapMib, nativeMib, OptionalInt.empty());
    }

    /** The settings of Spark that say so. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spark.executor.cores", Integer.toString(cores));
        settings.put("spark.task.cpus", Integer.toString(cores));
        settings.put("spark.executor.memory", heapMib + "m");
        settings.put("spark.executor.memoryOverhead", nativeMib + "m");
        ranks.ifPresent(count -> {
            settings.put("spark.cores.max", Integer.toString(count * cores));
            settings.put("spark.executor.instances", Integer.toString(count));
            // All ranks start together or not at all: Spark looks for free places for five minutes.
            settings.put("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "2s");
            settings.put("spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "150");
        });
        return settings;
    }
}
