package dev.preceptor.service;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether the segmentation of a job has gone to the PACS. */
public enum Delivery {
    /** It is to go there, and is tried again until it does. */
    @JsonProperty("pending")
    PENDING,
    /** The PACS has it. */
    @JsonProperty("stored")
    STORED,
    /** The PACS refuses it. */
    @JsonProperty("failed")
    FAILED
}
