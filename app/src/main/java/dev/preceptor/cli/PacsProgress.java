package dev.preceptor.cli;

import dev.preceptor.dicomweb.DicomWebListener;

/** Shows transfers on a progress bar. */
final class PacsProgress implements DicomWebListener {
    private final ProgressBar bar;

    /**
     * @param bar shows the transfer; the caller closes it
     * @param what names the transfer
     */
    PacsProgress(ProgressBar bar, String what) {
        this.bar = bar;
        bar.start(what, "instance", 0, 1);
    }

    @Override
    public void onInstance(int done, int total) {
        bar.update(done, total, "");
    }

    @Override
    public void onWarning(String text) {
        bar.line("preceptor: warning: " + text);
    }
}
