package dev.preceptor.service;

import java.nio.file.Path;

/** The archive from which series come and to which segmentations go. For any number of threads. */
public interface Pacs {
    /** The PACS cannot be reached, does not accept the login, or says that it may be tried again. */
    final class UnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean isOfRequest;

        /**
         * A failure that may pass.
         *
         * @param isOfRequest whether another request may succeed meanwhile: the PACS is there and failed with this one
         */
        public UnavailableException(String message, boolean isOfRequest, Throwable cause) {
            super(message, cause);
            this.isOfRequest = isOfRequest;
        }

        /** Whether another request may succeed meanwhile. */
        boolean isOfRequest() {
            return isOfRequest;
        }
    }

    /**
     * Fetches the instances of a series. A later call continues one that was cut off.
     *
     * @param folder receives a folder named by the UID of the series, which has a file for each instance and appears when it is complete
     * @throws UnavailableException if it may be tried again
     * @throws dev.preceptor.base.PreceptorException if it has no such series or refuses
     */
    void fetch(String study, String series, Path folder);

    /**
     * Stores an instance. To store it again changes nothing.
     *
     * @throws UnavailableException if it may be tried again
     * @throws dev.preceptor.base.PreceptorException if it refuses
     */
    void store(Path file);
}
