package dev.preceptor.run;

/**
 * {@code run.json}: what a run was done on and with.
 *
 * @param version of Preceptor
 * @param commit of its source; "unknown" outside a checkout
 * @param device where the networks lived
 * @param threads intra-op threads
 * @param cohort folder of the cohort
 * @param cohortFingerprint hash of its content
 * @param schema label schema of the cohort
 * @param fold K/N, or empty
 * @param split subjects by use
 * @param seed of the recipe
 * @param recipe hash of the recipe
 * @param started ISO instant
 * @param ended ISO instant; empty while running
 * @param state {@code running}, {@code stopped}, {@code failed} or {@code finished}
 */
public record RunDescription(
        String version,
        String commit,
        String device,
        int threads,
        String cohort,
        String cohortFingerprint,
        String schema,
        String fold,
        Split split,
        long seed,
        String recipe,
        String started,
        String ended,
        String state) {

    RunDescription startedAs(String time) {
        return new RunDescription(
                version,
                commit,
                device,
                threads,
                cohort,
                cohortFingerprint,
                schema,
                fold,
                split,
                seed,
                recipe,
                time,
                ended,
                state);
    }

    public RunDescription ending(String time, String how) {
        return new RunDescription(
                version,
                commit,
                device,
                threads,
                cohort,
                cohortFingerprint,
                schema,
                fold,
                split,
                seed,
                recipe,
                started,
                time,
                how);
    }
}
