package dev.preceptor.spark;

import java.net.URI;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The files of this machine under a scheme of their own, {@code test:}, as a file system that the operating system does not reach. */
public class RenamedFileSystem extends RawLocalFileSystem {
    static final String SCHEME = "test";

    @Override
    public URI getUri() {
        return URI.create(SCHEME + ":///");
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }
}
