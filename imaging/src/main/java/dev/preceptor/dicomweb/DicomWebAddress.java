package dev.preceptor.dicomweb;

import dev.preceptor.base.PreceptorException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where images lie in a PACS: {@code dicomweb://host:port/path/studies/UID/series/UID} for HTTP, {@code dicomwebs://...} for
 * HTTPS.
 *
 * @param root the address of the DICOMweb service, with scheme http or https, without a slash at the end
 * @param study the study
 * @param series one series of it; all series if empty
 */
public record DicomWebAddress(URI root, String study, Optional<String> series) {
    private static final Pattern PLACE = Pattern.compile("(.*)/studies/([^/]+)(?:/series/([^/]+))?/?");

    /** Whether a text is meant as such an address rather than as a file. */
    public static boolean isAddress(String text) {
        return text.matches("(?i)dicomwebs?://.*");
    }

    /**
     * @throws PreceptorException if the text does not name a study, or contains a login
     */
    public static DicomWebAddress parse(String text) {
        URI address = root(text);
        Matcher place = PLACE.matcher(address.toString());
        if (!place.matches()) {
            throw new PreceptorException(
                    text + ": does not name a study; an address is dicomweb://host:port/path/studies/UID or"
                            + " .../studies/UID/series/UID");
        }
        return new DicomWebAddress(
                URI.create(place.group(1)),
                Uids.require("study", place.group(2)),
                Optional.ofNullable(place.group(3)).map(uid -> Uids.require("series", uid)));
    }

    /**
     * The address of a DICOMweb service. The schemes dicomweb and dicomwebs become http and https.
     *
     * @throws PreceptorException if it is not an absolute address of these schemes, or contains a login, a query or a
     *     fragment; the message does not repeat a login
     */
    static URI root(String text) {
        if (text.indexOf('@') >= 0) {
            throw new PreceptorException("the address of the PACS contains a login, which everyone on this computer can"
                    + " see; give the user with --user and the password in a file (--password-file; serve: --pacs-user,"
                    + " --pacs-password-file) or in"
                    + " PRECEPTOR_PACS_PASSWORD");
        }
        URI parsed;
        try {
            parsed = new URI(
                    text.strip().replaceFirst("(?i)^dicomweb(s?):", "http$1:").replaceFirst("/+$", ""));
        } catch (URISyntaxException e) {
            throw new PreceptorException(text + ": is not an address such as https://host:8042/dicom-web", e);
        }
        boolean isWeb = "http".equalsIgnoreCase(parsed.getScheme()) || "https".equalsIgnoreCase(parsed.getScheme());
        if (!isWeb || parsed.getHost() == null || parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
            throw new PreceptorException(text + ": is not an address such as https://host:8042/dicom-web");
        }
        return parsed;
    }
}
