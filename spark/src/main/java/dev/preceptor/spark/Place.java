package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a file or folder is, as a command was given it: a path that every machine of the cluster reaches, or a URI of a file system
 * of Hadoop such as {@code s3a://bucket/folder}.
 *
 * @param path as the command line parsed it
 * @param uri empty for a path
 */
public record Place(Path path, Optional<URI> uri) {
    /** A path of Java has lost the second slash of a URI. */
    private static final Pattern REMOTE = Pattern.compile("([a-z][a-z0-9+.-]+):/{1,3}(.+)");
    /** A URI without the name of a host, such as {@code hdfs:///data}, whose host the cluster knows. */
    private static final Pattern WITHOUT_HOST = Pattern.compile("([a-z][a-z0-9+.-]+):(///|/(?!/))(.*)");
    /** What stands for the missing host in a path of Java. */
    private static final String NO_HOST = "./";

    private static final String FILE = "file";

    /**
     * A text as a path from which {@link #of(Path)} makes the same place. {@link Path#of} alone would take the first folder of
     * {@code hdfs:///data} for a host.
     */
    public static Path path(String text) {
        Matcher form = WITHOUT_HOST.matcher(text);
        return form.matches() && !form.group(1).equals(FILE)
                ? Path.of(form.group(1) + ":/" + NO_HOST + form.group(3))
                : Path.of(text);
    }

    /**
     * The place that a text means.
     *
     * @throws PreceptorException if it begins like a URI and is none
     */
    public static Place of(String text) {
        return of(path(text));
    }

    /**
     * The place that a path means; see {@link #path(String)}.
     *
     * @throws PreceptorException if it begins like a URI and is none
     */
    public static Place of(Path path) {
        Matcher form = REMOTE.matcher(path.toString());
        if (!form.matches()) {
            return new Place(path, Optional.empty());
        }
        String rest = form.group(2);
        String text = form.group(1)
                + (rest.startsWith(NO_HOST)
                        ? ":///" + rest.substring(NO_HOST.length())
                        : (form.group(1).equals(FILE) ? ":///" : "://") + rest);
        try {
            return new Place(path, Optional.of(URI.create(text.replace(" ", "%20"))));
        } catch (IllegalArgumentException e) {
            throw new PreceptorException(text + ": is no URI of a file system; correct it, or give a path", e);
        }
    }

    /**
     * Refuses a URI for work that needs files of the operating system: checkpoints are locked and appended to, and images are mapped
     * into memory.
     *
     * @throws PreceptorException naming the URI and the remedy
     */
    public static void requireMounted(Path path) {
        Place place = of(path);
        if (!place.isLocal()) {
            throw new PreceptorException(place
                    + ": URIs are for inputs and outputs of predict, cohort and evaluate; give a path here that every"
                    + " machine of the cluster mounts, for instance by NFS, or copy the folder there first");
        }
    }

    /**
     * Refuses a URI for a command that runs without a cluster.
     *
     * @throws PreceptorException naming the URI and the remedy
     */
    public static void requireOfThisMachine(Path path) {
        Place place = of(path);
        if (!place.isLocal()) {
            throw new PreceptorException(place + ": only a command on a cluster reads and writes URIs; add --spark URL"
                    + " (--spark local[2] is this machine), or give a path");
        }
    }

    /** Whether this is a path that the operating system reads. */
    public boolean isLocal() {
        return uri.isEmpty();
    }

    @Override
    public String toString() {
        return uri.map(URI::toString).orElseGet(path::toString);
    }
}
