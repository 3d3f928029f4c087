package dev.preceptor.cli;

import dev.preceptor.model.BuildInfo;
import picocli.CommandLine.IVersionProvider;

/** The version and commit of this build. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"preceptor " + BuildInfo.VERSION + " (" + BuildInfo.COMMIT + ")"};
    }
}
