package dev.preceptor.dicom;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.Shared;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.Ports;
import dev.preceptor.testing.Python;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Segmentations of a real patient, read by other software: dciodvfy, highdicom, dcmqi and Orthanc. */
@Tag("peers")
@Tag("shared")
@Tag("integration")
class SegmentationPeersTest {
    private static final String READ = """
            import sys, numpy as np, nibabel as nib, highdicom as hd
            seg = hd.seg.segread(sys.argv[1])
            truth = nib.load(sys.argv[2]); labels = np.asanyarray(truth.dataobj)
            volume = seg.get_volume(combine_segments=True)
            # highdicom: array (slice, row, column) and an affine in LPS.
            affine = np.diag([-1., -1., 1., 1.]) @ volume.affine
            index = np.argwhere(volume.array > 0)
            world = np.c_[index, np.ones(len(index))] @ affine.T
            at = world @ np.linalg.inv(truth.affine).T
            assert len(index) == 0 or np.abs(at - np.round(at)).max() < 1e-2, np.abs(at - np.round(at)).max()
            at = np.round(at[:, :3]).astype(int)
            ours = np.zeros(labels.shape, int)
            ours[tuple(at.T)] = np.array([0, 1, 2, 4])[volume.array[volume.array > 0].astype(int)]
            assert (ours == labels).all(), (ours != labels).sum()
            d = seg.get_segment_description(1)
            print(len(index), d.segment_label, d.segmented_property_type.meaning,
                  d.algorithm_identification.name if d.algorithm_identification else None)
            """;

    private static final String COMPARE = """
            import sys, glob, numpy as np, nibabel as nib
            truth = nib.load(sys.argv[2]); labels = np.asanyarray(truth.dataobj)
            files = sorted(glob.glob(sys.argv[1] + '/*.nii*'))
            assert len(files) == 1, files
            out = nib.load(files[0]); voxels = np.asanyarray(out.dataobj)
            index = np.argwhere(voxels > 0)
            at = np.c_[index, np.ones(len(index))] @ out.affine.T @ np.linalg.inv(truth.affine).T
            assert np.abs(at - np.round(at)).max() < 1e-2
            ours = np.zeros(labels.shape, int)
            ours[tuple(np.round(at[:, :3]).astype(int).T)] = np.array([0, 1, 2, 4])[voxels[voxels > 0].astype(int)]
            assert (ours == labels).all(), (ours != labels).sum()
            print(len(index))
            """;

    @TempDir
    private static Path folder;

    private static Path labelFile;
    private static LabelMap labels;
    private static DicomProvenance source;

    @BeforeAll
    static void writeTheSeriesOfAPatient() {
        String id = "data/brats/BraTS2021_00006/BraTS2021_00006_";
        labelFile = Shared.file(id + "seg.nii.gz");
        labels = Nifti.readLabelMap(labelFile, LabelSpace.BRATS_2018);
        source = SourceSeries.write(folder.resolve("series"), Nifti.readVolume(Shared.file(id + "t1ce.nii.gz")));
    }

    private static Path segmentation(SegmentationType type) {
        Path file = folder.resolve(type + ".dcm");
        SegmentationEncoder encoder = new SegmentationEncoder(
                new SegmentationAlgorithm("Preceptor", "1.2.3", "models sha256 " + "0f".repeat(32)), Clock.systemUTC());
        if (type == SegmentationType.FRACTIONAL) {
            Map<Region, Volume> volumes = new LinkedHashMap<>();
            for (Region region : Region.BRATS) {
                float[] voxels = new float[labels.voxels().length];
                labels.mask(region).stream().forEach(i -> voxels[i] = i % 100 / 99f);
                volumes.put(region, new Volume(labels.grid(), voxels));
            }
            encoder.writeProbabilities(file, volumes, LabelSpace.BRATS_2018, source);
        } else {
            encoder.write(file, labels, source, type);
        }
        return file;
    }

    private static Path program(String name, Path... further) {
        Optional<Path> found = Stream.concat(
                        Stream.of(further),
                        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .map(Path::of))
                .map(place -> place.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), name + " is not on the PATH");
        return found.orElseThrow();
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return output;
    }

    @ParameterizedTest
    @EnumSource(SegmentationType.class)
    void dciodvfyFindsNoError(SegmentationType type) throws Exception {
        assumeTrue(type != SegmentationType.LABELMAP, "dciodvfy of 2022 does not know label maps");
        String validator = program("dciodvfy").toString();
        List<String> errors = run(List.of(validator, "-new", segmentation(type).toString()))
                .lines()
                .filter(line -> line.startsWith("Error"))
                .toList();
        assertEquals(List.of(), errors);
    }

    @Test
    void dciodvfyFindsNoErrorInASegmentationOfNothing() throws Exception {
        String validator = program("dciodvfy").toString();
        Path file = folder.resolve("nothing.dcm");
        new SegmentationEncoder(new SegmentationAlgorithm("Preceptor", "1.2.3", ""), Clock.systemUTC())
                .write(
                        file,
                        new LabelMap(labels.grid(), new byte[labels.voxels().length], labels.schema()),
                        source,
                        SegmentationType.BINARY);
        assertEquals(
                List.of(),
                run(List.of(validator, "-new", file.toString()))
                        .lines()
                        .filter(line -> line.startsWith("Error"))
                        .toList());
    }

    @ParameterizedTest
    @EnumSource(
            value = SegmentationType.class,
            names = {"BINARY", "LABELMAP"})
    void highdicomReadsTheSameLabels(SegmentationType type) {
        Python python = Python.with("highdicom", "nibabel");
        String said = python.run(List.of("-c", READ, segmentation(type).toString(), labelFile.toString()));
        assertEquals(labels.foreground().cardinality() + " Necrotic tumour core Necrosis Preceptor", said.strip());
    }

    @ParameterizedTest
    @EnumSource(
            value = SegmentationType.class,
            names = {"BINARY", "LABELMAP"})
    void dcmqiReadsTheSameLabels(SegmentationType type) throws Exception {
        Python python = Python.with("nibabel");
        Path beside = Path.of(python.program()).toAbsolutePath().getParent();
        Path out = Files.createDirectory(folder.resolve("dcmqi-" + type));
        String said = run(List.of(
                program("segimage2itkimage", beside).toString(),
                "--inputDICOM",
                segmentation(type).toString(),
                "--outputDirectory",
                out.toString(),
                "-p",
                "x",
                "-t",
                "nii",
                "--mergeSegments"));
        assertTrue(Files.exists(out), said);
        assertEquals(
                labels.foreground().cardinality() + "",
                python.run(List.of("-c", COMPARE, out.toString(), labelFile.toString()))
                        .strip(),
                said);
    }

    @ParameterizedTest
    @EnumSource(SegmentationType.class)
    void orthancGivesBackTheSameBytes(SegmentationType type) throws Exception {
        Path program = program("Orthanc", Path.of("/usr/sbin"));
        int port = Ports.free();
        Path home = Files.createDirectory(folder.resolve("orthanc-" + type));
        Path settings = home.resolve("orthanc.json");
        Files.writeString(settings, """
                {"Name": "TEST", "StorageDirectory": "db", "IndexDirectory": "db", "RemoteAccessAllowed": false,
                 "AuthenticationEnabled": false, "HttpPort": %d, "DicomServerEnabled": false}
                """.formatted(port));
        Process orthanc = new ProcessBuilder(program.toString(), settings.toString())
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
        try {
            URI root = URI.create("http://127.0.0.1:" + port);
            HttpClient client = HttpClient.newHttpClient();
            awaitResponse(client, root.resolve("/system"));
            byte[] written = Files.readAllBytes(segmentation(type));
            HttpResponse<String> stored = client.send(
                    HttpRequest.newBuilder(root.resolve("/instances"))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(written))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, stored.statusCode(), stored.body());
            Matcher id = Pattern.compile("\"ID\"\\s*:\\s*\"([0-9a-f-]+)\"").matcher(stored.body());
            assertTrue(id.find(), stored.body());
            HttpResponse<byte[]> fetched = client.send(
                    HttpRequest.newBuilder(root.resolve("/instances/" + id.group(1) + "/file"))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertArrayEquals(written, fetched.body());
        } finally {
            orthanc.destroy();
            orthanc.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static void awaitResponse(HttpClient client, URI uri) throws Exception {
        for (int attempt = 0; attempt < 120; attempt++) {
            try {
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
                return;
            } catch (IOException e) {
                Thread.sleep(250);
            }
        }
        throw new AssertionError("Orthanc does not answer");
    }
}
