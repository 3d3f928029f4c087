package dev.preceptor.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Version and commit of this build of Preceptor; runs and model files record them. */
public final class BuildInfo {
    /** The version, as in the POM. */
    public static final String VERSION;
    /** The abbreviated commit, with {@code -dirty} if the sources had changes; "unknown" outside a checkout. */
    public static final String COMMIT;

    static {
        Properties build = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/dev/preceptor/build.properties")) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        VERSION = build.getProperty("git.build.version", "unknown");
        COMMIT = build.getProperty("git.commit.id.abbrev", "unknown")
                + (build.getProperty("git.dirty", "false").equals("true") ? "-dirty" : "");
    }

    private BuildInfo() {}
}
