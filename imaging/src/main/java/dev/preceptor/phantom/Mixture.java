package dev.preceptor.phantom;

import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.LabelMap;

/**
 * What each voxel of a patient's brain is made of, for the renderer, the distractors included.
 *
 * @param brain the healthy tissue
 * @param oedema how much the tissue outside the cores is changed by oedema, fading at the border
 * @param core fraction inside the cores
 * @param enhancing fraction of the core's part that enhances
 * @param vessel fraction of contrast-filled vessel
 * @param dura fraction of enhancing dura or choroid plexus
 * @param spot how much white matter is changed by a spot, or a cap of the ventricles, that is no tumour
 * @param tissue which of the six tissues of {@link Contrast} holds most of the voxel
 */
record Mixture(
        Brain brain,
        float[] oedema,
        float[] core,
        float[] enhancing,
        float[] vessel,
        float[] dura,
        float[] spot,
        byte[] tissue) {

    static Mixture of(
            Brain brain, Tumour tumour, TumourPlan plan, LabelMap clean, RandomStreams streams, long subject) {
        int count = brain.count();
        Mixture mixture = new Mixture(
                brain,
                new float[count],
                new float[count],
                new float[count],
                new float[count],
                new float[count],
                new float[count],
                new byte[count]);
        SmoothNoise patches = new SmoothNoise(streams.stream("mixture/patches", subject));
        double spacing = brain.grid().spacing()[0];
        double[] point = new double[3];
        for (int v = 0; v < count; v++) {
            brain.world(v, point);
            double patch = 0.9 + 0.16 * patches.octaves(point[0] / 16, point[1] / 16, point[2] / 16, 3);
            double near = Solids.clamp(0.5 + tumour.spread()[v] / (2 * plan.fade()));
            double fading = near * near * (3 - 2 * near);
            mixture.oedema[v] = (float) (Solids.clamp(fading * patch) * (1 - brain.csf()[v]));
            mixture.core[v] = (float) Solids.soft(tumour.core()[v], spacing);
            mixture.enhancing[v] = (float) Solids.soft(tumour.rim()[v], spacing);
            mixture.tissue[v] = tissue(brain, v, clean.voxels()[brain.places()[v]]);
        }
        mixture.distract(new Distractors(streams, subject));
        return mixture;
    }

    private void distract(Distractors distractors) {
        double spacing = brain.grid().spacing()[0];
        double[] point = new double[3];
        for (int v = 0; v < core.length; v++) {
            brain.world(v, point);
            double healthy = 1 - core[v];
            vessel[v] = (float) (healthy * distractors.vessel(point, spacing, brain.csf()[v], brain.surface()[v]));
            dura[v] = (float) (healthy * distractors.dura(point, brain.surface()[v], brain.ventricle()[v]));
            spot[v] = (float) (healthy * brain.white()[v] * distractors.spot(point, brain.ventricle()[v]));
        }
    }

    private static byte tissue(Brain brain, int v, byte label) {
        if (label != 0) {
            return (byte) (label == Annotator.NCR ? Contrast.NCR : label == Annotator.ED ? Contrast.ED : Contrast.ET);
        }
        return (byte) brain.majority(v);
    }
}
