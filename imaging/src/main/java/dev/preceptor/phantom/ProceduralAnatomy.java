package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;

/**
 * A brain of smooth solids: cerebrum, temporal lobes, cerebellum and brainstem under a layer of CSF. Sulci are zero
 * level sets of noise over the directions from the centre of each hemisphere, plus the Sylvian and the longitudinal
 * fissure; cortex follows every pial surface; ventricles and deep grey nuclei are ellipsoids and chains of capsules.
 * Folding, ventricle size and atrophy vary between patients. Local coordinates are relative to a point near the
 * thalami: x right, y anterior, z superior.
 */
final class ProceduralAnatomy implements Anatomy {
    private static final double CENTRE_X = -118.5;
    private static final double CENTRE_Y = 115;
    private static final double CENTRE_Z = 72;

    /** Scales the local coordinates to a brain of about 1470 ml, the mean of real patients. */
    private static final double SHRINK = 1.06;

    /** The largest elevation of the surface by noise, in millimetres. */
    private static final double MAX_BUMP = 7;

    /** Each row: x, y, z and radius of a point of the lateral ventricle; the temporal horn starts at the atrium. */
    private static final double[][] VENTRICLE = {
        {7, 34, 3, 3}, {7, 22, 11, 4.5}, {9, 0, 17, 4.5}, {15, -20, 17, 5}, {25, -36, 10, 6.5}, {24, -60, 4, 2.2}
    };

    private static final double[][] TEMPORAL_HORN = {{25, -36, 10, 5}, {34, -20, -9, 2.4}, {31, 2, -18, 1.6}};
    private static final double[][] CAUDATE = {{14, 22, 6, 6}, {17, 4, 18, 4}, {20, -16, 20, 2.5}};
    private static final double[][] HIPPOCAMPUS = {{22, 2, -20, 7}, {28, -22, -14, 5}};
    private static final double[][] BRAINSTEM = {{0, -12, -4, 13}, {0, -16, -32, 14}, {0, -27, -72, 9}};

    private final SmoothNoise shape;
    private final SmoothNoise folds;
    private final SmoothNoise depths;
    private final double ventricleScale;
    private final double sulcusHalfWidth;
    private final double cortex;
    private final double rim;

    ProceduralAnatomy(RandomStreams streams, long subject) {
        shape = new SmoothNoise(streams.stream("anatomy/shape", subject));
        folds = new SmoothNoise(streams.stream("anatomy/folds", subject));
        depths = new SmoothNoise(streams.stream("anatomy/depths", subject));
        RandomSource randomSource = new RandomSource(streams.stream("anatomy/patient", subject));
        double atrophy = randomSource.uniform(0, 1);
        ventricleScale = randomSource.logNormal(0.85 + 0.45 * atrophy, 0.15);
        sulcusHalfWidth = 0.25 + 0.65 * atrophy;
        cortex = randomSource.normal(3.1, 0.2);
        rim = 1.4 + 1.3 * atrophy;
    }

    @Override
    public void sample(double worldX, double worldY, double worldZ, double edge, double[] fractions) {
        double x = (worldX - CENTRE_X) * SHRINK;
        double y = (worldY - CENTRE_Y) * SHRINK;
        double z = (worldZ - CENTRE_Z) * SHRINK;
        double cerebrum = cerebrum(x, y, z);
        double cerebellum = ellipsoid(Math.abs(x) - 22, y + 52, z + 40, 33, 31, 25);
        double stem = chain(BRAINSTEM, Math.abs(x), y, z, 1);
        double smoothHull = Solids.smoothUnion(Solids.smoothUnion(cerebrum, cerebellum, 10), stem, 10);
        if (smoothHull > MAX_BUMP + edge) {
            fractions[CSF] = 0;
            fractions[GM] = 0;
            fractions[WM] = 0;
            return;
        }
        double bumps = 1.6 * shape.at(x / 38, y / 38, z / 38);
        double hull = smoothHull + bumps;
        double inside = coverage(-hull, edge);
        if (inside == 0) {
            fractions[CSF] = 0;
            fractions[GM] = 0;
            fractions[WM] = 0;
            return;
        }
        double inCerebrum = bumps + cerebrum + rim;
        double inCerebellum = bumps + cerebellum + rim;
        double inStem = bumps + stem + rim;
        if (inCerebrum <= inCerebellum && inCerebrum <= inStem) {
            cerebral(x, y, z, -inCerebrum, edge, fractions);
        } else if (inCerebellum < inStem) {
            cerebellar(x, y, z, -inCerebellum, edge, fractions);
        } else {
            double tissue = coverage(-inStem, edge);
            put(fractions, 1 - tissue, 0.3 * tissue);
        }
        double fluid = mayBeVentricle(x, y, z) ? coverage(-ventricles(x, y, z), edge) : 0;
        fractions[GM] *= 1 - fluid;
        fractions[WM] *= 1 - fluid;
        fractions[CSF] = 1 - fractions[GM] - fractions[WM];
        for (int tissue = 0; tissue < 3; tissue++) {
            fractions[tissue] *= inside;
        }
    }

    private double cerebrum(double x, double y, double z) {
        double narrow = 1 + 0.0016 * (y + 15) * (y > -15 ? 0.75 : -0.5);
        double main = Solids.bluntEllipsoid(x * narrow, y - 0.5, z - 10, 66, 85, 60);
        double floor = -(z + 17 + 0.12 * Math.max(0, -y));
        double vault = -Solids.smoothUnion(-main, -floor, 10);
        double temporal = ellipsoid(Math.abs(x) - 41, y - 6, z + 20, 23, 40, 23);
        return Solids.smoothUnion(vault, temporal, 7);
    }

    /** Computes the fractions at a point {@code depth} millimetres below the pial surface of the cerebrum. */
    private void cerebral(double x, double y, double z, double depth, double edge, double[] fractions) {
        double ax = Math.abs(x);
        double gap = Math.min(sulcus(x, y, z, depth), Math.min(sylvian(ax, y, z), midline(ax, y, z)));
        double open = sulcusHalfWidth + 0.12 * Math.max(0, 6 - depth);
        double pial = Math.min(depth, gap - open);
        double ribbon = cortex + 0.35 * depths.at(x / 11 + 40, y / 11, z / 11);
        double tissue = coverage(pial, edge);
        double white = coverage(pial - ribbon, edge);
        double nuclei = Math.min(
                Math.min(ellipsoid(ax - 10.5, y + 12, z - 6, 9, 15, 9), ellipsoid(ax - 27, y - 4, z - 2, 6, 17, 10)),
                Math.min(chain(CAUDATE, ax, y, z, 1), chain(HIPPOCAMPUS, ax, y, z, 1)));
        double deep = coverage(-nuclei, edge) * 0.85;
        put(fractions, 1 - tissue, Math.max(tissue - white, deep * tissue));
    }

    /** The distance in millimetres to the nearest sulcus that reaches this depth. */
    private double sulcus(double x, double y, double z, double depth) {
        double cx = x - (x > 0 ? 20 : -20);
        double cz = z - 8;
        double length = Math.sqrt(cx * cx + y * y + cz * cz) + 1e-9;
        double project = 52 / length + 0.28;
        double qx = cx * project + (x > 0 ? 300 : 0);
        double qy = y * project * 0.85;
        double qz = cz * project;
        double wander = 3 * shape.at(qx / 19, qy / 19 + 30, qz / 19);
        double wave = folds.at((qx + wander) / 21, (qy - wander) / 21, (qz + wander) / 21);
        double reach = 10 + 3.5 * depths.at(qx / 27, qy / 27, qz / 27);
        return Solids.distanceToSheet(Math.abs(wave) * 3.6, depth - reach);
    }

    private static double sylvian(double ax, double y, double z) {
        double sheet = Math.abs(z + 6 + 0.3 * (y - 12)) * 0.96;
        return Solids.distanceToSheet(sheet, Math.max(39 - ax, Math.max(y - 34, -38 - y)));
    }

    private double midline(double ax, double y, double z) {
        double callosum = -ellipsoid(0, y + 4, z - 2, 30, 41, 25);
        double basal = Math.max(-8 - z, 0) > 0 ? Math.min(callosum, 20 - y) : callosum;
        return Solids.distanceToSheet(Math.max(0, ax - 0.4), Math.max(basal, -24 - z));
    }

    private void cerebellar(double x, double y, double z, double depth, double edge, double[] fractions) {
        double fold = Math.abs(folds.at(x / 26 + 90, y / 15, z / 8.5)) * 2.6;
        double gap = Solids.distanceToSheet(fold, depth - 16);
        double pial = Math.min(depth, gap - 0.3);
        double tissue = coverage(pial, edge);
        put(fractions, 1 - tissue, tissue - coverage(pial - 2.6, edge));
    }

    /** A box around the ventricles at their largest size. */
    private static boolean mayBeVentricle(double x, double y, double z) {
        return Math.abs(x) < 50 && y > -80 && y < 50 && z > -55 && z < 36;
    }

    private double ventricles(double x, double y, double z) {
        double ax = Math.abs(x);
        double lateral =
                Math.min(chain(VENTRICLE, ax, y, z, ventricleScale), chain(TEMPORAL_HORN, ax, y, z, ventricleScale));
        double third = ellipsoid(x, y + 4, z + 1, 1.6 * ventricleScale, 13, 10);
        double fourth = ellipsoid(x, y + 36, z + 38, 6 * ventricleScale, 5, 9);
        double wall = 0.6 * shape.at(x / 12, y / 12, z / 12 + 50);
        return Math.min(lateral, Math.min(third, fourth)) + wall;
    }

    private static void put(double[] fractions, double csf, double grey) {
        fractions[CSF] = csf;
        fractions[GM] = grey;
        fractions[WM] = Math.max(0, 1 - csf - grey);
    }

    private static double ellipsoid(double x, double y, double z, double rx, double ry, double rz) {
        return Solids.ellipsoid(x, y, z, rx, ry, rz);
    }

    private static double chain(double[][] points, double x, double y, double z, double scale) {
        return Solids.chain(points, x, y, z, scale);
    }

    private static double coverage(double distance, double edge) {
        return Solids.coverage(distance, edge);
    }
}
