package dev.preceptor.cli;

import dev.preceptor.model.ModelSignature;
import dev.preceptor.model.SigningKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code preceptor sign}: writes the signature of a model beside it, or creates the keys for it. */
@Command(name = "sign", description = "Sign a model with an Ed25519 key, or create such a key.", sortOptions = false)
final class SignCommand implements Callable<Integer> {
    @ArgGroup(exclusive = true, multiplicity = "1")
    private Task task;

    @Spec
    private CommandSpec spec;

    /** Signing, or creating a key. */
    private static final class Task {
        @ArgGroup(exclusive = false)
        private Signing signing;

        @Option(
                names = "--create-key",
                required = true,
                paramLabel = "NAME",
                description = "Create a key: NAME.pem (private, keep it secret) and NAME.pub.pem (public).")
        private Path newKey;
    }

    private static final class Signing {
        @Option(
                names = "--model",
                required = true,
                paramLabel = "FILE",
                description = "The model; FILE.sig is written beside it.")
        private Path model;

        @Option(names = "--key", required = true, paramLabel = "PRIVATE.pem", description = "The private key.")
        private Path key;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (task.newKey != null) {
            out.println("key " + SigningKey.create(task.newKey).verifyingKey().id());
        } else {
            SigningKey key = SigningKey.read(task.signing.key);
            ModelSignature.of(task.signing.model, key).writeBeside(task.signing.model);
            out.println(ModelSignature.fileOf(task.signing.model));
        }
        out.flush();
        return 0;
    }
}
