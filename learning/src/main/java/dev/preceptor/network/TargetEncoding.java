package dev.preceptor.network;

/** What the output channels of a network stand for; {@link Targets} holds them for the regions at hand. */
public enum TargetEncoding {
    /** One channel for each region, each with a sigmoid of its own. */
    REGIONS,
    /** Background and one channel for each class, under one softmax. */
    CLASSES
}
