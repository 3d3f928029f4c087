package dev.preceptor.cli;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.TextFile;
import dev.preceptor.dicomweb.Credentials;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.DicomWebSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The login to a PACS: the options of every command that calls one. Secrets come from files or the environment only. */
final class PacsLogin {
    private static final String PASSWORD_VARIABLE = "PRECEPTOR_PACS_PASSWORD";
    private static final int LARGEST_SECRET = 64 << 10;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "User of the PACS; the password is in --password-file or in the environment variable "
                    + PASSWORD_VARIABLE + ".")
    private Optional<String> user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "A file whose first line is the password of --user.")
    private Optional<Path> passwordFile;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "A file whose first line is a bearer token, in place of --user.")
    private Optional<Path> tokenFile;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "A PEM file of the certificates to trust for HTTPS, in place of those of Java.")
    private Optional<Path> authorities;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /**
     * How to reach a PACS with this login.
     *
     * @param address of its DICOMweb service
     * @param listener is warned if the login would cross a network in the clear
     */
    DicomWebSettings settings(String address, DicomWebListener listener) {
        DicomWebSettings reached = DicomWebSettings.of(address).withCredentials(credentials());
        DicomWebSettings settings = authorities.map(reached::withAuthorities).orElse(reached);
        if (settings.exposesLogin()) {
            listener.onWarning(settings.root() + ": the login and the images cross the network without encryption; an"
                    + " address with https protects them");
        }
        return settings;
    }

    /**
     * Refuses the options of a PACS in a call without one.
     *
     * @param stores whether results were to be sent to it
     */
    void requireAbsent(boolean stores, String reason) {
        if (stores
                || user.isPresent()
                || passwordFile.isPresent()
                || tokenFile.isPresent()
                || authorities.isPresent()) {
            throw usage("--store, --user, --password-file, --token-file and --ca belong to a PACS, but " + reason);
        }
    }

    private Credentials credentials() {
        if (user.isPresent() && tokenFile.isPresent()) {
            throw usage("--user and --token-file are two logins; give one");
        }
        if (user.isEmpty() && passwordFile.isPresent()) {
            throw usage("--password-file needs --user");
        }
        if (tokenFile.isPresent()) {
            return bearer(tokenFile.get());
        }
        return user.map(name -> basic("--", name, passwordFile)).orElse(Credentials.NONE);
    }

    /**
     * A user whose password is in a file or in the environment.
     *
     * @param prefix of the options for user and password
     */
    static Credentials basic(String prefix, String name, Optional<Path> passwordFile) {
        Optional<String> password = passwordFile
                .map(PacsLogin::firstLine)
                .or(() -> Optional.ofNullable(System.getenv(PASSWORD_VARIABLE)))
                .filter(text -> !text.isEmpty());
        if (password.isEmpty()) {
            throw new PreceptorException(prefix + "user " + name + " has no password; put it into a file (" + prefix
                    + "password-file) or into " + PASSWORD_VARIABLE);
        }
        try {
            return Credentials.basic(name, password.get());
        } catch (IllegalArgumentException e) {
            throw new PreceptorException(prefix + "user: " + e.getMessage(), e);
        }
    }

    /** A token in the first line of a file. */
    static Credentials bearer(Path file) {
        try {
            return Credentials.bearer(firstLine(file));
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, "has no token in its first line: " + e.getMessage(), e);
        }
    }

    private static String firstLine(Path file) {
        String text = TextFile.read(file, LARGEST_SECRET);
        String line = text.lines().findFirst().orElse("");
        if (line.isEmpty()) {
            throw new InvalidFileException(file, "has nothing in its first line");
        }
        return line;
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
