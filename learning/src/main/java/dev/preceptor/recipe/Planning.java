package dev.preceptor.recipe;

/** Where the patch size, the batch size, the depth and the widths of the network come from. */
public enum Planning {
    /** From the recipe. */
    AS_WRITTEN,
    /** From the planner, for the cohort and the available memory. */
    AUTO
}
