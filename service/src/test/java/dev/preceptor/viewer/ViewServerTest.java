package dev.preceptor.viewer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.http.KeptConnections;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.DicomSlices;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewServerTest {
    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private final ServedCopies copies = ServedCopies.create();
    private Path image;
    private ViewServer server;

    @BeforeEach
    void start() {
        image = Heads.image(folder.resolve("t1ce.nii.gz"), false);
        Path labels = Heads.labels(folder.resolve("seg.nii.gz"), false, 0);
        server = ViewServer.open(
                new ViewedFiles(
                        new ViewedImage("t1ce", image),
                        List.of(LabelOverlay.read(labels, Optional.empty(), Heads.grid(false))),
                        Optional.empty()),
                copies,
                0);
    }

    @AfterEach
    void stop() throws Exception {
        KeptConnections.close(client);
        server.close();
        copies.close();
    }

    private static String secretOf(String url) {
        return url.replaceFirst(".*#token=", "");
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(base().resolve(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private URI base() {
        return URI.create(server.url().replaceFirst("#.*", ""));
    }

    private HttpResponse<String> login(String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(base().resolve("/api/login"))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void withoutTheSecretThereIsThePageButNoImage() throws Exception {
        assertEquals(200, get("/").statusCode());
        assertEquals(200, get("/niivue/niivue.js").statusCode());
        assertEquals(401, get("/api/view").statusCode());
        assertEquals(401, get("/api/view/image.nii.gz").statusCode());
        assertEquals(401, get("/api/view", "Authorization", "Bearer wrong").statusCode());
        assertTrue(new String(get("/api/session").body(), java.nio.charset.StandardCharsets.UTF_8)
                .contains("\"needsToken\":true"));
        assertTrue(base().getHost().equals("127.0.0.1"), base().toString());
    }

    @Test
    void withItsCookieTheFilesAreServedAsTheyAre() throws Exception {
        HttpResponse<String> login = login("{\"token\":\"" + secretOf(server.url()) + "\"}");
        assertEquals(204, login.statusCode());
        String cookie = login.headers().firstValue("Set-Cookie").orElseThrow();
        assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
        String pair = cookie.replaceFirst(";.*", "");

        assertArrayEquals(
                Files.readAllBytes(image),
                get("/api/view/image.nii.gz", "Cookie", pair).body());
        String view = new String(get("/api/view", "Cookie", pair).body(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(view.contains("\"regions\":[{") && view.contains("\"name\":\"seg\""), view);
        assertEquals(404, get("/api/view/seg.nii.gz", "Cookie", pair).statusCode());
    }

    @Test
    void theAddressGivenToABrowserOpensThePageOnce() throws Exception {
        String body = "{\"token\":\"" + secretOf(server.launchUrl()) + "\"}";
        assertEquals(204, login(body).statusCode());
        HttpResponse<String> again = login(body);
        assertEquals(401, again.statusCode());
        assertTrue(again.body().contains("was used before"), again.body());
        assertEquals(
                401,
                get("/api/view", "Authorization", "Bearer " + secretOf(server.launchUrl()))
                        .statusCode());
        assertEquals(400, login("no json").statusCode());
        assertEquals(401, login("{}").statusCode());
        assertEquals(401, login("[1]").statusCode());
    }

    @Test
    void filesThatCannotBeShownAreRefusedBeforeThePageOpens() throws IOException {
        Path damaged = folder.resolve("damaged.nii.gz");
        Files.writeString(damaged, "no NIfTI");
        assertThrows(
                InvalidFileException.class,
                () -> new ViewedFiles(new ViewedImage("x", damaged), List.of(), Optional.empty()));
        assertThrows(InvalidFileException.class, () -> LabelOverlay.read(damaged, Optional.empty(), Heads.grid(false)));
        assertThrows(
                InvalidFileException.class,
                () -> new ViewedFiles(new ViewedImage("x", image), List.of(), Optional.of(damaged)));
    }

    @Test
    void labelsMeanWhatTheirFileDeclaresElseWhatTheCallerSays() {
        Grid grid = Grid.of(new Size(2, 1, 1), 1);
        Path declared = folder.resolve("declared.nii.gz");
        Nifti.write(declared, new LabelMap(grid, new byte[] {1, 3}, LabelSpace.MSD_TASK01));
        assertEquals(
                LabelSpace.MSD_TASK01,
                LabelOverlay.read(declared, Optional.of(LabelSpace.BRATS_2023), Heads.grid(false))
                        .labels()
                        .schema());

        Path silent = folder.resolve("silent.nii.gz");
        Nifti.write(silent, new Volume(grid, new float[] {1, 3}));
        assertEquals(
                LabelSpace.BRATS_2023,
                LabelOverlay.read(silent, Optional.of(LabelSpace.BRATS_2023), Heads.grid(false))
                        .labels()
                        .schema());
        PreceptorException ambiguous = assertThrows(
                InvalidCohortException.class, () -> LabelOverlay.read(silent, Optional.empty(), Heads.grid(false)));
        assertTrue(ambiguous.getMessage().contains("--schema"), ambiguous.getMessage());
    }

    @Test
    void regionsThatTheCallerGivesAreShownForALabelMapThatDeclaresItsClassesAlone() {
        Path file = folder.resolve("prediction.nii.gz");
        Nifti.write(file, new LabelMap(Grid.of(new Size(2, 1, 1), 1), new byte[] {1, 3}, LabelSpace.BRATS_2023));
        LabelSpace regions = new LabelSpace(
                "BRATS_2023",
                LabelSpace.BRATS_2023.values(),
                LabelSpace.BRATS_2023.classes(),
                List.of(new Region("lesion", Region.WT.classes(), LabelClass.ED), Region.TC, Region.ET));
        LabelOverlay overlay = LabelOverlay.read(file, Optional.of(regions), Heads.grid(false));
        assertTrue(
                overlay.toMap("").get("regions").toString().contains("lesion"),
                overlay.toMap("").toString());
    }

    @Test
    void filesOnAnotherGridAreShownWithAWarning() {
        Path other = folder.resolve("other.nii.gz");
        Nifti.write(other, new LabelMap(Grid.of(new Size(4, 4, 4), 1), new byte[64], LabelSpace.BRATS_2018));
        ViewedFiles files = new ViewedFiles(
                new ViewedImage("x", image),
                List.of(LabelOverlay.read(other, Optional.empty(), Heads.grid(false))),
                Optional.empty());
        assertEquals(1, files.warnings().size());
        assertTrue(
                files.warnings().get(0).contains("other.nii.gz"),
                files.warnings().toString());
    }

    @Test
    void aDicomSeriesWithATruncatedSliceIsNotShown() throws Exception {
        Path series = Files.createDirectory(folder.resolve("series"));
        DicomSlices.write(series, "1.1", "1.2", slice -> slice, 0, 2, 4, 6, 8);
        Path last = series.resolve("1.2-4");
        byte[] whole = Files.readAllBytes(last);
        Files.write(last, Arrays.copyOf(whole, whole.length - 10));
        String message = assertThrows(
                        InvalidFileException.class, () -> ViewedImage.open(series, Optional.empty(), copies))
                .getMessage();
        assertTrue(message.startsWith(last + ": ") && message.contains("fetch it again"), message);
    }

    @Test
    void aDicomSeriesAndItsSegmentationAreShownAsNifti() {
        Path golden = Path.of("../imaging/src/test/resources/dicom");
        ViewedImage shown = ViewedImage.open(golden.resolve("series"), Optional.empty(), copies);
        Grid grid = Nifti.readHeader(shown.file()).grid();
        LabelOverlay overlay = LabelOverlay.read(golden.resolve("seg/binary.dcm"), Optional.empty(), grid);
        assertTrue(grid.matches(overlay.labels().grid()));
        assertEquals(1, Nifti.files(copies.servable(overlay)).size());
        assertEquals(List.of(), new ViewedFiles(shown, List.of(overlay), Optional.empty()).warnings());

        PreceptorException none = assertThrows(
                InvalidFileException.class,
                () -> ViewedImage.open(golden.resolve("series"), Optional.of("1.2.3"), copies));
        assertTrue(none.getMessage().contains("has no volume 1.2.3; choose one with --series: "), none.getMessage());
    }

    @Test
    void copiesAreGoneWhenTheyAreClosed() {
        Path copy = copies.newFile();
        Nifti.write(copy, new Volume(Grid.of(new Size(1, 1, 1), 1), new float[1]));
        copies.close();
        assertFalse(Files.exists(copy.getParent()));
    }
}
