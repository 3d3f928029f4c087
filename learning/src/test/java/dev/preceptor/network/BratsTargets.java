package dev.preceptor.network;

import dev.preceptor.volume.LabelSpace;

/** The targets of networks for BraTS, for tests. */
public final class BratsTargets {
    /** WT, TC and ET, each with a sigmoid. */
    public static final Targets REGIONS = new Targets(TargetEncoding.REGIONS, LabelSpace.BRATS_2018);

    /** Background, NCR, ED and ET under one softmax. */
    public static final Targets CLASSES = new Targets(TargetEncoding.CLASSES, LabelSpace.BRATS_2018);

    private BratsTargets() {}

    /** Those of an encoding. */
    public static Targets of(TargetEncoding encoding) {
        return encoding == TargetEncoding.REGIONS ? REGIONS : CLASSES;
    }
}
