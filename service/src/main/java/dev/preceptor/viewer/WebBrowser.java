package dev.preceptor.viewer;

import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.net.URI;

/** Opens an address in the user's browser. Stateless. */
public final class WebBrowser {
    private WebBrowser() {}

    /** Opens an address; false where there is no browser or no screen. */
    public static boolean open(String url) {
        return openOnDesktop(url) || openWithCommand(url);
    }

    private static boolean openOnDesktop(String url) {
        try {
            if (GraphicsEnvironment.isHeadless() || !Desktop.isDesktopSupported()) {
                return false;
            }
            Desktop desktop = Desktop.getDesktop();
            if (!desktop.isSupported(Desktop.Action.BROWSE)) {
                return false;
            }
            desktop.browse(URI.create(url));
            return true;
        } catch (IOException | UnsupportedOperationException | LinkageError e) {
            // A runtime without the desktop module has no Desktop class.
            return false;
        }
    }

    /** A desktop of Linux that Java does not know. */
    private static boolean openWithCommand(String url) {
        boolean hasScreen = System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
        if (!hasScreen) {
            return false;
        }
        try {
            new ProcessBuilder("xdg-open", url)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
