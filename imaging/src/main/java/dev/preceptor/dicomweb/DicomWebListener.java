package dev.preceptor.dicomweb;

/** Is called back while instances are transferred, in the thread that transfers them. */
public interface DicomWebListener {
    /** Ignores everything. */
    DicomWebListener NONE = new DicomWebListener() {};

    /**
     * An instance was transferred, or found to be there already.
     *
     * @param done number of instances done
     * @param total number of instances in all
     */
    default void onInstance(int done, int total) {}

    /** Something that does not end the transfer, for example a new attempt after a lost connection. */
    default void onWarning(String text) {}
}
