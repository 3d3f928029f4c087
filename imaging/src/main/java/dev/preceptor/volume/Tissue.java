package dev.preceptor.volume;

/** What a label of a tumour annotation means, whatever integer stands for it on disk. */
public enum Tissue {
    /** Necrotic and non-enhancing tumour core; class 1 of every network. */
    NCR,
    /** Oedema and infiltrated tissue around the tumour (SNFH); class 2 of every network. */
    ED,
    /** Enhancing tumour; class 3 of every network. */
    ET,
    /** Resection cavity (BraTS 2024); in none of the regions. */
    RC
}
