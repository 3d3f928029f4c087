package dev.preceptor.volume;

/** What a label of an annotation means, whatever integer stands for it on disk. */
public enum Tissue {
    /** Necrotic and non-enhancing tumour core (NCR, NET, NETC); class 1 of every network. */
    NCR,
    /** Oedema and infiltrated tissue around the tumour (SNFH); class 2 of every network. */
    ED,
    /** Enhancing tumour; class 3 of every network. */
    ET,
    /** Resection cavity (BraTS 2024); in none of WT, TC and ET. */
    RC,
    /** Cystic component (BraTS PED 2024): part of the tumour core; class 1 of every network. */
    CC,
    /** Not a tissue: voxels that the annotators left open (nnU-Net's "ignore" label). They count in no score and no volume. */
    IGNORE
}
