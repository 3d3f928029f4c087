package dev.preceptor.volume;

/** The meaning of a label, independent of its integer in a file. */
public enum Tissue {
    /** Necrotic and non-enhancing tumour core (NCR, NET, NETC); class 1 of BraTS networks. */
    NCR,
    /** Peritumoural oedema and infiltrated tissue (SNFH); class 2 of BraTS networks. */
    ED,
    /** Enhancing tumour; class 3 of BraTS networks. */
    ET,
    /** Resection cavity (BraTS 2024); not part of WT, TC or ET. */
    RC,
    /** Cystic component (BraTS PED 2024), part of the tumour core; class 1 of BraTS networks. */
    CC,
    /**
     * Voxels that the annotators left undecided (the "ignore" label of nnU-Net), not a tissue. They are excluded from
     * all scores and volumes.
     */
    IGNORE
}
