package dev.preceptor.recipe;

/** Who decides on patch, depth and batch. */
public enum Planning {
    /** The recipe. */
    AS_WRITTEN,
    /** {@link Planner}, from the cohort and the memory there is. */
    AUTO
}
