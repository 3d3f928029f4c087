package dev.preceptor.recipe;

/** Who decides on patch, depth and batch. */
public enum Planning {
    /** The recipe. */
    AS_WRITTEN,
    /** Chosen from the cohort and the available memory. */
    AUTO
}
