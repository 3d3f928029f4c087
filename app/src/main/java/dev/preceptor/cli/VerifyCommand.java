package dev.preceptor.cli;

import dev.preceptor.model.ModelSignature;
import dev.preceptor.model.VerifyingKey;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code preceptor verify}: checks the signature of a model. */
@Command(
        name = "verify",
        description =
                "Check the signature of a model: exit code 0 if one of the keys has signed exactly this file, else 1.",
        sortOptions = false)
final class VerifyCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE",
            description = "The model, with FILE.sig beside it.")
    private Path model;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "PUBLIC.pem",
            split = ",",
            description = "A public key. Several are separated by commas.")
    private List<Path> keys;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        VerifyingKey signer = ModelSignature.verify(
                model, keys.stream().map(VerifyingKey::read).toList());
        spec.commandLine().getOut().println(model + ": signed with the key " + signer.id());
        spec.commandLine().getOut().flush();
        return 0;
    }
}
