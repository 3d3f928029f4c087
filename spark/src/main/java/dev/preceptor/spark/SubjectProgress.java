package dev.preceptor.spark;

import dev.preceptor.base.Sha256;
import dev.preceptor.infer.SubjectOutcome;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * How far a subject has come, in a file beside the outputs: written when it is begun and when its outputs are complete, so that a
 * subject that ends the process of its executor is known by name.
 *
 * @param id the subject
 * @param application in which it was begun
 * @param tries how often it was begun in that application
 * @param process of the executor: machine and process id
 * @param entry what {@code predictions.json} will say; empty until the outputs are complete
 */
record SubjectProgress(String id, String application, int tries, String process, Optional<JsonNode> entry) {
    SubjectProgress {
        // The absent value of a tree is read as a node that says null.
        entry = entry.filter(node -> !node.isNull());
    }

    SubjectProgress(String id, String application, int tries, Optional<JsonNode> entry) {
        this(id, application, tries, thisProcess(), entry);
    }

    /** The folder of these files; it exists while a prediction runs, and after one that was killed. */
    static final String FOLDER = ".preceptor-spark";

    /** The name of the file of a subject; a million files in one folder would be slow to list. */
    static String file(String id) {
        String hash = Sha256.of(id);
        return FOLDER + "/" + hash.substring(0, 2) + "/" + hash.substring(2, 34) + ".json";
    }

    static Optional<SubjectProgress> read(Store outputs, String id) {
        return outputs.read(file(id)).map(SubjectProgress::of);
    }

    static SubjectProgress of(byte[] text) {
        return TaskJson.of(new String(text, StandardCharsets.UTF_8), SubjectProgress.class);
    }

    /** The outcome of a subject that was in work twice when its executor was lost. */
    SubjectOutcome lost() {
        return SubjectOutcome.failed(
                id,
                "the process of its executor ended twice while it was segmented, the second time on " + process
                        + "; its log may say why, and a predict of this subject alone shows it");
    }

    private static String thisProcess() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "unknown";
        }
        return host + " " + ProcessHandle.current().pid();
    }

    void write(Store outputs) {
        outputs.write(file(id), TaskJson.text(this).getBytes(StandardCharsets.UTF_8));
    }
}
