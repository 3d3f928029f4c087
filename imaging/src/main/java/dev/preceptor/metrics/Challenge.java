package dev.preceptor.metrics;

/** A segmentation challenge of BraTS. Each has its own rules for separating lesions, see {@link LesionRules}. */
public enum Challenge {
    /** Adult glioma. */
    GLI,
    /** Meningioma. */
    MEN,
    /** Metastases. */
    MET,
    /** Paediatric glioma. */
    PED,
    /** Glioma in Sub-Saharan Africa. */
    SSA
}
