/**
 * The subjects of a data set on disk.
 *
 * <p>{@link dev.preceptor.cohort.Cohort} finds subjects in every {@link dev.preceptor.cohort.CohortLayout} by the names of
 * their files; {@link dev.preceptor.cohort.SchemaDecision} derives what the label values mean.
 * {@link dev.preceptor.cohort.CohortSummary} reads all files once, reports problems and computes the
 * {@link dev.preceptor.cohort.Fingerprint}. {@link dev.preceptor.cohort.Folds} divides subjects for cross-validation,
 * {@link dev.preceptor.cohort.Patients} says which subjects are scans of one patient, and
 * {@link dev.preceptor.cohort.SubjectContent} recognises subjects under other ids, which detects leakage. Spacing is in
 * millimetres, volumes are in millilitres. The guides {@code docs/guide/cohorts.md} and {@code docs/guide/labels.md} list all
 * names and labels.
 */
package dev.preceptor.cohort;
