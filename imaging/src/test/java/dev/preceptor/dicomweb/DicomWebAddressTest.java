package dev.preceptor.dicomweb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DicomWebAddressTest {
    @Test
    void anAddressNamesAStudyOrASeries() {
        assertEquals(
                new DicomWebAddress(URI.create("http://pacs:8042/dicom-web"), "1.2.3", Optional.empty()),
                DicomWebAddress.parse("dicomweb://pacs:8042/dicom-web/studies/1.2.3"));
        assertEquals(
                new DicomWebAddress(URI.create("https://pacs"), "1.2.3", Optional.of("1.2.4")),
                DicomWebAddress.parse("DICOMWEBS://pacs/studies/1.2.3/series/1.2.4/"));
        assertTrue(DicomWebAddress.isAddress("dicomweb://x"));
        assertFalse(DicomWebAddress.isAddress("folder/dicomweb"));
        assertFalse(DicomWebAddress.isAddress("https://x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dicomweb://pacs/dicom-web",
                "dicomweb://pacs/studies/",
                "dicomweb://pacs/studies/abc",
                "dicomweb://pacs/studies/1.2.3/series/../..",
                "dicomweb://pacs/studies/1.2.3/series/1.2/instances/1",
                "dicomweb://pacs/studies/1.2.3?x=1",
                "dicomweb:///studies/1.2.3",
                "dicomweb://pa cs/studies/1.2.3",
                "dicomweb://pacs/studies/11111111111111111111111111111111111111111111111111111111111111111",
            })
    void whatNamesNoStudyIsRefused(String text) {
        assertThrows(PreceptorException.class, () -> DicomWebAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://nurse:s3cret@pacs/dicom-web", "dicomweb://nurse:s3cret@pacs/studies/1.2", "nurse:s3cret@"
            })
    void aLoginInAnAddressIsRefusedWithoutRepeatingIt(String text) {
        PreceptorException e = assertThrows(PreceptorException.class, () -> DicomWebSettings.of(text));
        assertFalse(e.getMessage().contains("s3cret"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://pacs", "pacs:8042", "http://pacs/?q=1", "http://pacs/#a", "http:///x", "", "http://"})
    void whatIsNoAddressOfTheWebIsRefused(String text) {
        assertThrows(PreceptorException.class, () -> DicomWebSettings.of(text));
    }

    @Test
    void delaysDoubleUpToTheLongestAndHonourTheServer() {
        Retry retry = new Retry(9, Duration.ofSeconds(1), Duration.ofSeconds(10));
        assertEquals(Duration.ofSeconds(1), retry.delay(1, Duration.ZERO));
        assertEquals(Duration.ofSeconds(4), retry.delay(3, Duration.ZERO));
        assertEquals(Duration.ofSeconds(10), retry.delay(5, Duration.ZERO));
        assertEquals(Duration.ofSeconds(10), retry.delay(500, Duration.ZERO));
        assertEquals(Duration.ofSeconds(7), retry.delay(1, Duration.ofSeconds(7)));
        assertEquals(Duration.ofSeconds(10), retry.delay(1, Duration.ofHours(7)));
    }

    @Test
    void credentialsDoNotShowTheirSecret() {
        assertEquals("user nurse", Credentials.basic("nurse", "s3cret").toString());
        assertEquals("a token", Credentials.bearer("s3cret").toString());
        assertEquals(
                "Bearer s3cret", Credentials.bearer("s3cret").authorization().orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> Credentials.basic("a:b", "c"));
        assertThrows(IllegalArgumentException.class, () -> Credentials.basic("a", "c\r\nX: 1"));
        assertThrows(IllegalArgumentException.class, () -> Credentials.bearer("a b"));
    }
}
