package dev.preceptor.run;

import dev.preceptor.recipe.SubjectSelection;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code run.json}: the data, the software and the machine of a run.
 *
 * @param version version of Preceptor that trained last
 * @param commit commit of its source; "unknown" outside a checkout
 * @param builds versions and commits that trained parts of the run, in the order of their first start
 * @param device where the networks compute: {@code cpu} or {@code cuda:N}, with several processes {@code N x DEVICE}
 * @param threads intra-op threads of libtorch
 * @param cohort absolute path of the cohort
 * @param cohortFingerprint hash of the content of the cohort
 * @param schema label schema of the cohort
 * @param fold the held-out fold as K/N; empty if there is none
 * @param split subjects by use
 * @param leftOut subjects of the cohort that the run does not use, by reason
 * @param seed seed of the recipe
 * @param recipe hash of the recipe
 * @param started ISO instant of the first start
 * @param ended ISO instant; empty while running
 * @param state {@code running}, {@code stopped}, {@code failed} or {@code finished}
 */
public record RunDescription(
        String version,
        String commit,
        List<String> builds,
        String device,
        int threads,
        String cohort,
        String cohortFingerprint,
        String schema,
        String fold,
        Split split,
        List<SubjectSelection.LeftOut> leftOut,
        long seed,
        String recipe,
        String started,
        String ended,
        String state) {

    /** A version with its commit, as {@link #builds} lists it. */
    public static String build(String version, String commit) {
        return version + " (" + commit + ")";
    }

    /** This description, of the continuation of a run. */
    RunDescription resuming(RunDescription before) {
        List<String> all = Stream.concat(before.builds.stream(), builds.stream())
                .distinct()
                .toList();
        return with(all, before.started, ended, state);
    }

    /** The same run after its end in a state. */
    public RunDescription ending(String time, String endState) {
        return with(builds, started, time, endState);
    }

    private RunDescription with(List<String> newBuilds, String newStart, String newEnd, String newState) {
        return new RunDescription(
                version,
                commit,
                newBuilds,
                device,
                threads,
                cohort,
                cohortFingerprint,
                schema,
                fold,
                split,
                leftOut,
                seed,
                recipe,
                newStart,
                newEnd,
                newState);
    }
}
