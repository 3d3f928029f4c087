package dev.preceptor.distill;

/** How distillation terms weigh the regions. */
public enum RegionWeighting {
    /** All alike. */
    EQUAL,
    /** By the advantage of the teachers over the student on the validation subjects, see {@link RegionAdvantage}. */
    ADVANTAGE
}
