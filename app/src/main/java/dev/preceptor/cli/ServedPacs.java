package dev.preceptor.cli;

import dev.preceptor.dicomweb.Credentials;
import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebSettings;
import dev.preceptor.service.DicomWebPacs;
import dev.preceptor.service.Pacs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The PACS of a service: its address and the login. Secrets come from files or the environment only. */
final class ServedPacs {
    @Option(
            names = "--pacs",
            paramLabel = "URL",
            description =
                    "The DICOMweb address of a PACS, from which series are fetched and to which segmentations go, such"
                            + " as https://host:8042/dicom-web.")
    private Optional<String> address;

    @Option(
            names = "--pacs-user",
            paramLabel = "NAME",
            description = "User of the PACS; the password is in --pacs-password-file or in the environment variable"
                    + " PRECEPTOR_PACS_PASSWORD.")
    private Optional<String> user;

    @Option(
            names = "--pacs-password-file",
            paramLabel = "FILE",
            description = "A file whose first line is the password of --pacs-user.")
    private Optional<Path> passwordFile;

    @Option(
            names = "--pacs-token-file",
            paramLabel = "FILE",
            description = "A file whose first line is a bearer token for the PACS, in place of --pacs-user.")
    private Optional<Path> tokenFile;

    @Option(
            names = "--pacs-ca",
            paramLabel = "FILE",
            description = "A PEM file of the certificates to trust for the PACS, in place of those of Java.")
    private Optional<Path> authorities;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** The PACS, if there is one. */
    Optional<Pacs> pacs() {
        if (address.isEmpty()) {
            if (user.isPresent() || passwordFile.isPresent() || tokenFile.isPresent() || authorities.isPresent()) {
                throw usage("--pacs-user, --pacs-password-file, --pacs-token-file and --pacs-ca need --pacs");
            }
            return Optional.empty();
        }
        DicomWebSettings reached = DicomWebSettings.of(address.get()).withCredentials(credentials());
        DicomWebSettings settings = authorities.map(reached::withAuthorities).orElse(reached);
        if (settings.exposesLogin()) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("preceptor: warning: " + settings.root()
                    + ": the login and the images cross the network without encryption; an address with https protects"
                    + " them");
            err.flush();
        }
        return Optional.of(new DicomWebPacs(new DicomWebClient(settings)));
    }

    private Credentials credentials() {
        if (user.isPresent() && tokenFile.isPresent()) {
            throw usage("--pacs-user and --pacs-token-file are two logins; give one");
        }
        if (user.isEmpty() && passwordFile.isPresent()) {
            throw usage("--pacs-password-file needs --pacs-user");
        }
        return tokenFile
                .map(PacsLogin::bearer)
                .orElseGet(() -> user.map(name -> PacsLogin.basic("--pacs-", name, passwordFile))
                        .orElse(Credentials.NONE));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
