package dev.preceptor.phantom;

import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.LabelMap;

/**
 * The composition of each brain voxel, including distractors, as the input of {@link Renderer}.
 *
 * @param brain the healthy tissue
 * @param oedema the strength of oedema outside the cores, from 0 to 1, fading towards its border
 * @param core the fraction inside the cores
 * @param enhancing the enhancing share of the core
 * @param vessel the fraction of contrast-filled vessel
 * @param dura the fraction of enhancing dura or choroid plexus
 * @param spot the strength of white-matter lesions and periventricular caps, from 0 to 1
 * @param blood the fraction of the necrotic core with haemorrhage
 * @param tissue the index in {@link Contrast} of the tissue with the largest share
 */
record Mixture(
        Brain brain,
        float[] oedema,
        float[] core,
        float[] enhancing,
        float[] vessel,
        float[] dura,
        float[] spot,
        float[] blood,
        byte[] tissue) {

    static Mixture of(
            Brain brain,
            Tumour tumour,
            TumourPlan plan,
            LabelMap clean,
            Distractors distractors,
            RandomStreams streams,
            long subject) {
        int count = brain.count();
        Mixture mixture = new Mixture(
                brain,
                new float[count],
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
            mixture.core[v] = (float) Solids.coverage(tumour.core()[v], spacing);
            mixture.enhancing[v] = (float) Solids.coverage(tumour.rim()[v], spacing);
            mixture.tissue[v] = tissue(brain, v, clean.voxels()[brain.voxelIndices()[v]]);
        }
        mixture.addDistractors(distractors);
        if (plan.nature().blood() > 0) {
            mixture.addBlood(plan.nature().blood(), new SmoothNoise(streams.stream("various/blood", subject)));
        }
        return mixture;
    }

    private void addDistractors(Distractors distractors) {
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

    /** Marks patches of the cores as haemorrhage, about {@code share} of their volume. */
    private void addBlood(double share, SmoothNoise noise) {
        double[] point = new double[3];
        for (int v = 0; v < core.length; v++) {
            if (core[v] > 0) {
                brain.world(v, point);
                double patch = noise.octaves(point[0] / 13, point[1] / 13, point[2] / 13, 2);
                blood[v] = (float) Solids.clamp(0.5 + 1.5 * (patch + 2.4 * (share - 0.5)));
            }
        }
    }

    private static byte tissue(Brain brain, int v, byte label) {
        if (label != 0) {
            return (byte) (label == Annotator.NCR ? Contrast.NCR : label == Annotator.ED ? Contrast.ED : Contrast.ET);
        }
        return (byte) brain.majority(v);
    }
}
