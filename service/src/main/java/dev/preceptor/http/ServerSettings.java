package dev.preceptor.http;

import dev.preceptor.base.PreceptorException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Where a server listens and who may call it.
 *
 * @param host address or name of the interface
 * @param port 0 for any that is free
 * @param tokens that callers need
 * @param hostNames under which it is called, besides {@code host} and the names of loopback
 * @param keyStore of TLS; empty for HTTP without encryption
 * @param limits what callers may cost
 */
public record ServerSettings(
        String host,
        int port,
        Tokens tokens,
        Set<String> hostNames,
        Optional<KeyStoreFile> keyStore,
        ServerLimits limits) {
    /**
     * A key and its certificates.
     *
     * @param file PKCS 12
     * @param password of it
     */
    public record KeyStoreFile(Path file, String password) {
        @Override
        public String toString() {
            return file.toString();
        }
    }

    /** On 127.0.0.1, for everybody on this machine. */
    public static ServerSettings local(int port) {
        return new ServerSettings("127.0.0.1", port, Tokens.NONE, Set.of(), Optional.empty(), ServerLimits.DEFAULTS);
    }

    /** @throws PreceptorException if the host is unknown, or is reached from other machines although there is no token */
    public ServerSettings {
        hostNames = Set.copyOf(hostNames);
        if (port < 0 || port > 65_535) {
            throw new PreceptorException("--port is 0 to 65535, not " + port);
        }
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new PreceptorException("--host " + host + ": no interface of this machine has this name", e);
        }
        if (!address.isLoopbackAddress() && tokens.isEmpty()) {
            throw new PreceptorException("--host " + host
                    + " is reached from other machines; set --token-file, or leave out --host to serve this machine");
        }
    }

    /** A copy with tokens. */
    public ServerSettings withTokens(Tokens other) {
        return new ServerSettings(host, port, other, hostNames, keyStore, limits);
    }

    /** A copy with limits. */
    public ServerSettings withLimits(ServerLimits other) {
        return new ServerSettings(host, port, tokens, hostNames, keyStore, other);
    }
}
