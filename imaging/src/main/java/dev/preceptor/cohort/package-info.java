/**
 * The subjects of one study as they lie on disk: found without being told the layout, validated, fingerprinted and
 * divided into folds.
 */
package dev.preceptor.cohort;
