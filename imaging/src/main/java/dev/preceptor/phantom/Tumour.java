package dev.preceptor.phantom;

import dev.preceptor.base.RandomStreams;
import java.util.Arrays;

/**
 * The tumour of one patient as three smooth fields over the brain voxels, in millimetres and positive inside, so that
 * labels, partial volumes and the borders of every annotator are thresholds of the same fields.
 *
 * @param core the depth below the border of the nearest core
 * @param rim the distance to the border between ET and NCR, positive in ET; undefined outside the cores
 * @param spread the distance to the border of the oedema, in millimetres of travel through white matter
 */
record Tumour(float[] core, float[] rim, float[] spread) {

    static Tumour grow(Brain brain, TumourPlan plan, RandomStreams streams, long subject) {
        int count = brain.count();
        float[] core = new float[count];
        float[] relative = new float[count];
        float[] reach = new float[count];
        Arrays.fill(core, -1e6f);
        Arrays.fill(relative, 1e6f);
        for (Lesion lesion : plan.lesions()) {
            addCore(brain, lesion, core, relative, reach);
        }
        float[] rim = rim(brain, plan, core, relative, reach, new SmoothNoise(streams.stream("rim", subject)));
        SmoothNoise speedNoise = new SmoothNoise(streams.stream("spread", subject));
        int voxels = voxels(brain, plan.oedema());
        return new Tumour(core, rim, new OedemaFront(brain, speedNoise).spread(core, voxels, 2 * plan.fade()));
    }

    private static int voxels(Brain brain, double cubicMillimetres) {
        return Math.max(4, (int) (cubicMillimetres / brain.grid().voxelVolume() + 0.5));
    }

    /** Adds the core of a lesion: the voxels nearest to its centre, by its own distance function, up to its volume. */
    private static void addCore(Brain brain, Lesion lesion, float[] core, float[] relative, float[] reach) {
        int count = brain.count();
        float[] distance = new float[count];
        double[] point = new double[3];
        double limit = 3.2 * lesion.radius() + 4;
        int near = 0;
        for (int v = 0; v < count; v++) {
            brain.world(v, point);
            double dx = point[0] - lesion.centre()[0];
            double dy = point[1] - lesion.centre()[1];
            double dz = point[2] - lesion.centre()[2];
            if (dx * dx + dy * dy + dz * dz > limit * limit) {
                distance[v] = Float.MAX_VALUE;
                continue;
            }
            near++;
            distance[v] = (float) (lesion.distance(point[0], point[1], point[2])
                    + 1.4 * brain.ventricle()[v]
                    + 0.25 * brain.csf()[v]);
        }
        float[] sorted = distance.clone();
        Arrays.sort(sorted);
        float border = sorted[Math.max(0, Math.min(near, voxels(brain, lesion.volume())) - 1)];
        for (int v = 0; v < count; v++) {
            if (distance[v] < Float.MAX_VALUE) {
                float depth = (float) ((border - distance[v]) * lesion.radius());
                if (depth > core[v]) {
                    core[v] = depth;
                    relative[v] = (border - distance[v]) / border;
                    reach[v] = (float) lesion.radius();
                }
            }
        }
    }

    private static float[] rim(
            Brain brain, TumourPlan plan, float[] core, float[] relative, float[] reach, SmoothNoise noise) {
        int count = brain.count();
        if (plan.enhancing() == 0) {
            float[] none = new float[count];
            // Far below 0, so that no annotator draws enhancement either.
            Arrays.fill(none, -1e6f);
            return none;
        }
        float[] rank = new float[count];
        float[] inside = new float[count];
        int size = 0;
        double[] point = new double[3];
        for (int v = 0; v < count; v++) {
            if (core[v] > -12) {
                brain.world(v, point);
                double length = Math.max(11, 1.1 * reach[v]);
                double uneven = noise.octaves(point[0] / length, point[1] / length, point[2] / length, 2);
                rank[v] = (float) (relative[v] + plan.rimNoise() * 0.45 * uneven);
            }
            if (core[v] > 0) {
                inside[size++] = rank[v];
            }
        }
        float[] sorted = Arrays.copyOf(inside, size);
        Arrays.sort(sorted);
        float border = size == 0 ? 0 : sorted[Math.min(size - 1, (int) (size * plan.enhancing()))];
        float[] rim = new float[count];
        for (int v = 0; v < count; v++) {
            rim[v] = (border - rank[v]) * reach[v];
        }
        return rim;
    }
}
