package dev.preceptor.network;

/** Which of its input sequences a network needs. */
public enum Requirement {
    /** All of them: a subject that lacks one is refused. */
    ALL,
    /** Any non-empty subset: the network reads {@link Input#present} and leaves out the channels that are absent. */
    ANY_SUBSET
}
