package dev.preceptor.phantom;

import dev.preceptor.volume.Size;
import java.util.Arrays;

/**
 * Grows oedema as a front that starts at the cores and travels fast through white matter, slowly through grey matter
 * and hardly through CSF, with smooth random variation. Arrival times are shortest paths over 26 neighbours (Dijkstra,
 * 1959).
 */
final class OedemaFront {
    private static final double GREY = 3.5;
    private static final double CSF = 7;

    private final Brain brain;
    private final float[] slowness;
    private final int[] voxelAt;

    OedemaFront(Brain brain, SmoothNoise speedNoise) {
        this.brain = brain;
        slowness = new float[brain.count()];
        voxelAt = new int[brain.grid().size().voxels()];
        Arrays.fill(voxelAt, -1);
        double[] point = new double[3];
        for (int v = 0; v < slowness.length; v++) {
            voxelAt[brain.voxelIndices()[v]] = v;
            brain.world(v, point);
            double local = 0.45 * speedNoise.octaves(point[0] / 24, point[1] / 24, point[2] / 24, 3);
            slowness[v] = (float)
                    ((brain.white()[v] + GREY * brain.grey()[v] + CSF * brain.csf()[v]) * StrictMath.exp(local));
        }
    }

    /**
     * The distance of each voxel behind the front when the front has covered the given number of voxels outside the
     * cores, in millimetres of travel through white matter; negative for voxels that it has not reached.
     *
     * @param core the depth in the cores, positive inside
     * @param voxels the number of oedema voxels
     * @param margin how far past the border arrival times are computed, in millimetres
     */
    float[] spread(float[] core, int voxels, double margin) {
        Size size = brain.grid().size();
        double spacing = brain.grid().spacing()[0];
        float[] arrival = new float[core.length];
        Arrays.fill(arrival, Float.MAX_VALUE);
        FrontQueue queue = new FrontQueue();
        for (int v = 0; v < core.length; v++) {
            if (core[v] > 0) {
                arrival[v] = 0;
                queue.add(0, v);
            }
        }
        int covered = 0;
        float border = Float.MAX_VALUE;
        while (!queue.isEmpty()) {
            float time = queue.firstTime();
            int v = queue.removeFirst();
            if (time > arrival[v]) {
                continue;
            }
            if (core[v] <= 0 && brain.csf()[v] < 0.5f && ++covered == voxels) {
                border = time;
            }
            if (border < Float.MAX_VALUE && time > border + margin) {
                break;
            }
            int at = brain.voxelIndices()[v];
            int x = at % size.x();
            int y = at / size.x() % size.y();
            int z = at / size.x() / size.y();
            for (int step = 0; step < 27; step++) {
                int dx = step % 3 - 1;
                int dy = step / 3 % 3 - 1;
                int dz = step / 9 - 1;
                if (x + dx < 0 || y + dy < 0 || z + dz < 0) {
                    continue;
                }
                if (x + dx >= size.x() || y + dy >= size.y() || z + dz >= size.z()) {
                    continue;
                }
                int to = voxelAt[size.index(x + dx, y + dy, z + dz)];
                if (to < 0 || step == 13) {
                    continue;
                }
                double length = spacing * Math.sqrt(dx * dx + dy * dy + dz * dz);
                float later = (float) (time + length * 0.5 * (slowness[v] + slowness[to]));
                if (later < arrival[to]) {
                    arrival[to] = later;
                    queue.add(later, to);
                }
            }
        }
        float last = Math.min(border, 1e3f);
        float[] spread = new float[core.length];
        for (int v = 0; v < spread.length; v++) {
            spread[v] = arrival[v] == Float.MAX_VALUE ? -1e3f : last - arrival[v];
        }
        return spread;
    }
}
