package dev.preceptor.service;

/**
 * Keeps the threads of the service alive: a step that fails, for example because the disk is full, is reported in one line, and its
 * thread continues. Stateless, thread-safe.
 */
final class Supervisor {
    private static final System.Logger LOG = System.getLogger(SegmentationService.class.getName());

    private Supervisor() {}

    /** A step of a thread. */
    @FunctionalInterface
    interface Step<X extends Exception> {
        void run() throws X;
    }

    /**
     * Runs a step.
     *
     * @param what it is, for the line about a failure
     * @return whether it succeeded
     * @throws X as the step does; such an exception ends the thread
     */
    static <X extends Exception> boolean attempt(String what, Step<X> step) throws X {
        try {
            step.run();
            return true;
        } catch (RuntimeException | Error e) {
            report(what, e);
            return false;
        }
    }

    /** Writes one line about a failure, without anything about patients. */
    static void report(String what, Throwable e) {
        // An interrupt closes the file that is being written; it ends the thread and is no failure.
        if (!Thread.currentThread().isInterrupted()) {
            LOG.log(System.Logger.Level.ERROR, what + ": " + ErrorText.of(e));
            LOG.log(System.Logger.Level.DEBUG, what, e);
        }
    }
}
