package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;

/**
 * How the core of a tumour looks, beyond its shape.
 *
 * @param enhancement the strength of enhancement in T1CE, relative to a common tumour: 0.3 (hardly) to 1.35; 0 for none
 * @param isCystic whether the core is filled with fluid, which FLAIR suppresses and T2 shows as bright as CSF
 * @param blood the share of the necrotic core with haemorrhage, 0 to 0.45
 */
record TumourNature(double enhancement, boolean isCystic, double blood) {
    /** A tumour that enhances, without cyst and haemorrhage. */
    static final TumourNature COMMON = new TumourNature(1, false, 0);

    private static final double NON_ENHANCING = 0.1;
    private static final double WEAK = 0.17;
    private static final double CYSTIC = 0.17;
    private static final double HAEMORRHAGIC = 0.2;

    static TumourNature draw(RandomSource randomSource) {
        double draw = randomSource.uniform(0, 1);
        double weak = randomSource.uniform(0.3, 0.65);
        double full = randomSource.uniform(0.8, 1.35);
        double enhancement = draw < NON_ENHANCING ? 0 : draw < NON_ENHANCING + WEAK ? weak : full;
        boolean isCystic = randomSource.chance(CYSTIC);
        boolean bleeds = randomSource.chance(HAEMORRHAGIC);
        double blood = randomSource.uniform(0.1, 0.45);
        return new TumourNature(enhancement, isCystic, bleeds ? blood : 0);
    }
}
