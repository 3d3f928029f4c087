package dev.preceptor.service;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far a job is. */
public enum JobState {
    /** It waits for the worker of its model. */
    @JsonProperty("queued")
    QUEUED,
    /** The worker of its model is on it. */
    @JsonProperty("running")
    RUNNING,
    /** It has a result. */
    @JsonProperty("done")
    DONE,
    /** It has an error. */
    @JsonProperty("failed")
    FAILED;

    /** Whether it changes no more. */
    public boolean hasEnded() {
        return this == DONE || this == FAILED;
    }
}
