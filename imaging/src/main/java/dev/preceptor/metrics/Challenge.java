package dev.preceptor.metrics;

/** A segmentation challenge of BraTS; each tells lesions apart by rules of its own, see {@link LesionRules}. */
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
