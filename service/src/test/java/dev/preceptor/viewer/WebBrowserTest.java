package dev.preceptor.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebBrowserTest {
    private static final String URL = "http://127.0.0.1:8080/#token=x&y";

    @Test
    void eachSystemHasItsCommandAndALinuxWithoutAScreenHasNone() {
        assertEquals(List.of("open", URL), WebBrowser.command("Mac OS X", Map.of(), URL));
        assertEquals(
                List.of("rundll32", "url.dll,FileProtocolHandler", URL),
                WebBrowser.command("Windows 11", Map.of(), URL));
        assertEquals(List.of("xdg-open", URL), WebBrowser.command("Linux", Map.of("DISPLAY", ":0"), URL));
        assertEquals(List.of("xdg-open", URL), WebBrowser.command("Linux", Map.of("WAYLAND_DISPLAY", "w"), URL));
        assertEquals(List.of(), WebBrowser.command("Linux", Map.of(), URL));
    }
}
