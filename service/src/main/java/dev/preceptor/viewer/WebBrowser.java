package dev.preceptor.viewer;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Opens an address in the user's browser, by the command of the operating system. Stateless. */
public final class WebBrowser {
    private WebBrowser() {}

    /** Opens an address; false where there is no browser or no screen. */
    public static boolean open(String url) {
        List<String> command = command(System.getProperty("os.name"), System.getenv(), url);
        if (command.isEmpty()) {
            return false;
        }
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The command that opens an address; empty on a Linux without a screen.
     *
     * @param system the name of the operating system, as in {@code os.name}
     * @param environment the variables of the process
     */
    static List<String> command(String system, Map<String, String> environment, String url) {
        String name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("mac")) {
            return List.of("open", url);
        }
        if (name.startsWith("windows")) {
            return List.of("rundll32", "url.dll,FileProtocolHandler", url);
        }
        boolean hasScreen = environment.containsKey("DISPLAY") || environment.containsKey("WAYLAND_DISPLAY");
        return hasScreen ? List.of("xdg-open", url) : List.of();
    }
}
