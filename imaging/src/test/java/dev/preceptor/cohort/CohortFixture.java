package dev.preceptor.cohort;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Writes small cohorts. A subject has {@link #SIZE} voxels: a brain box, zero outside it, and a box tumour of three nested tissues
 * whose size depends on the number of the subject. The same number gives the same voxels in every layout.
 */
public final class CohortFixture {
    public static final Size SIZE = new Size(12, 10, 8);
    public static final Grid GRID = new Grid(SIZE, new Affine(-1, 0, 0, 0, 0, -1, 0, 11, 0, 0, 1, 0));
    private static final List<String> LEGACY = List.of("t1", "t1ce", "t2", "flair");
    private static final List<String> MODERN = List.of("t1n", "t1c", "t2w", "t2f");

    private final Path root;

    public CohortFixture(Path root) {
        this.root = root;
    }

    public Path root() {
        return root;
    }

    /** The image of a subject in one sequence. */
    public static Volume volume(int subject, Sequence sequence) {
        SplittableRandom random = new SplittableRandom(1000L * subject + Sequence.BRATS.indexOf(sequence));
        LabelMap labels = labels(subject, LabelSpace.BRATS_2018);
        float[] voxels = new float[SIZE.voxels()];
        for (int z = 1; z < SIZE.z() - 1; z++) {
            for (int y = 1; y < SIZE.y() - 1; y++) {
                for (int x = 1; x < SIZE.x() - 1; x++) {
                    int i = SIZE.index(x, y, z);
                    voxels[i] = 100 + random.nextInt(50) + 60 * labels.voxels()[i];
                }
            }
        }
        return new Volume(GRID, voxels);
    }

    /** The label map of a subject: a box of oedema, in it necrosis, in it enhancing tumour. */
    public static LabelMap labels(int subject, LabelSpace schema) {
        byte[] voxels = new byte[SIZE.voxels()];
        int edge = 3 + Math.floorMod(subject, 4);
        fill(voxels, 2, edge + 2, schema.valueOf(LabelClass.ED).orElseThrow());
        fill(voxels, 2, edge + 1, schema.valueOf(LabelClass.NCR).orElseThrow());
        fill(voxels, 2, edge, schema.valueOf(LabelClass.ET).orElseThrow());
        return new LabelMap(GRID, voxels, schema);
    }

    private static void fill(byte[] voxels, int from, int to, int value) {
        for (int z = 2; z < Math.min(to, SIZE.z() - 1); z++) {
            for (int y = from; y < to; y++) {
                for (int x = from; x < to; x++) {
                    voxels[SIZE.index(x, y, z)] = (byte) value;
                }
            }
        }
    }

    /** A BraTS 2021 folder with subjects {@code BraTS2021_00001} and so on. */
    public static CohortFixture brats2021(Path root, int subjects) {
        CohortFixture fixture = new CohortFixture(root);
        for (int n = 1; n <= subjects; n++) {
            fixture.legacySubject("", String.format("BraTS2021_%05d", n), n, ".nii.gz");
        }
        return fixture;
    }

    /** One subject with the file names of BraTS up to 2021 and the labels 1, 2, 4, in a folder below {@code parent}. */
    public CohortFixture legacySubject(String parent, String id, int number, String extension) {
        return subject(parent, id, number, "_", LEGACY, LabelSpace.BRATS_2018, extension);
    }

    /** One subject with the file names of BraTS since 2023, in the given schema. */
    public CohortFixture modernSubject(String id, int number, LabelSpace schema) {
        return subject("", id, number, "-", MODERN, schema, ".nii.gz");
    }

    private CohortFixture subject(
            String parent,
            String id,
            int number,
            String separator,
            List<String> names,
            LabelSpace schema,
            String extension) {
        Path folder = root.resolve(parent).resolve(id);
        for (int s = 0; s < names.size(); s++) {
            write(folder.resolve(id + separator + names.get(s) + extension), volume(number, Sequence.BRATS.get(s)));
        }
        writeForeign(folder.resolve(id + separator + "seg" + extension), labels(number, schema));
        return this;
    }

    /** Medical Segmentation Decathlon: 4-D files in the order FLAIR, T1w, T1gd, T2w. */
    public static CohortFixture msd(Path root, int subjects) {
        List<Sequence> order = List.of(Sequence.FLAIR, Sequence.T1, Sequence.T1CE, Sequence.T2);
        for (int n = 1; n <= subjects; n++) {
            String name = String.format("BRATS_%03d.nii", n);
            int number = n;
            List<Volume> frames = order.stream().map(s -> volume(number, s)).toList();
            writeFrames(root.resolve("imagesTr").resolve(name), frames);
            writeForeign(root.resolve("labelsTr").resolve(name), labels(n, LabelSpace.MSD_TASK01));
        }
        JsonFiles.write(
                root.resolve("dataset.json"),
                ordered(
                        "name", "BRATS",
                        "modality", ordered("0", "FLAIR", "1", "T1w", "2", "t1gd", "3", "T2w"),
                        "labels",
                                ordered(
                                        "0", "background",
                                        "1", "edema",
                                        "2", "non-enhancing tumor",
                                        "3", "enhancing tumour")));
        return new CohortFixture(root);
    }

    /** nnU-Net raw with region labels, as nnU-Net converts BraTS 2021. */
    public static CohortFixture nnunet(Path root, int subjects) {
        for (int n = 1; n <= subjects; n++) {
            String id = String.format("BraTS_%04d", n);
            for (int s = 0; s < 4; s++) {
                write(
                        root.resolve("imagesTr").resolve(String.format("%s_%04d.nii.gz", id, s)),
                        volume(n, Sequence.BRATS.get(s)));
            }
            writeForeign(root.resolve("labelsTr").resolve(id + ".nii.gz"), labels(n, LabelSpace.MSD_TASK01));
        }
        JsonFiles.write(
                root.resolve("dataset.json"),
                ordered(
                        "channel_names", ordered("0", "T1", "1", "T1ce", "2", "T2", "3", "Flair"),
                        "labels",
                                ordered(
                                        "background", 0,
                                        "whole tumor", List.of(1, 2, 3),
                                        "tumor core", List.of(2, 3),
                                        "enhancing tumor", List.of(3)),
                        "file_ending", ".nii.gz"));
        return new CohortFixture(root);
    }

    /** The file of a subject, whatever its extension. */
    public Path file(String id, String suffix) {
        Path folder = root.resolve(id);
        for (String extension : List.of(".nii.gz", ".nii")) {
            for (String separator : List.of("_", "-")) {
                Path file = folder.resolve(id + separator + suffix + extension);
                if (Files.exists(file)) {
                    return file;
                }
            }
        }
        throw new IllegalArgumentException("no " + suffix + " of " + id);
    }

    public CohortFixture delete(String id, String suffix) {
        try {
            Files.delete(file(id, suffix));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public CohortFixture replace(String id, String suffix, Volume volume) {
        write(file(id, suffix), volume);
        return this;
    }

    /** Replaces a label map by one of any values, even values that no schema defines. */
    public CohortFixture replaceLabels(String id, byte[] labels) {
        float[] values = new float[labels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = labels[i];
        }
        write(file(id, "seg"), new Volume(GRID, values));
        return this;
    }

    private static void write(Path file, Volume volume) {
        Nifti.write(file, volume);
    }

    /** Writes the image of a subject in one sequence. */
    public static Path writeImage(Path file, int subject, Sequence sequence) {
        write(file, volume(subject, sequence));
        return file;
    }

    /** Writes the label map of a subject in the schema of 2018, without a declaration in its header. */
    public static Path writeLabels(Path file, int subject) {
        writeForeign(file, labels(subject, LabelSpace.BRATS_2018));
        return file;
    }

    /** The ids of all subjects. */
    public static List<String> ids(Cohort cohort) {
        return cohort.subjects().stream().map(Subject::id).toList();
    }

    /** Writes a label map as other programs do: its header does not declare the schema. */
    public static void writeForeign(Path file, LabelMap labels) {
        float[] values = new float[labels.voxels().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = labels.voxels()[i];
        }
        write(file, new Volume(labels.grid(), values));
    }

    /** Writes a 4-D file: the fourth extent is patched into the header of a 3-D file and the frames are appended. */
    private static void writeFrames(Path file, List<Volume> frames) {
        try {
            Path single = file.resolveSibling("single.nii");
            byte[] whole = new byte[0];
            for (Volume frame : frames) {
                write(single, frame);
                byte[] bytes = Files.readAllBytes(single);
                int start = whole.length == 0 ? 0 : bytes.length - 4 * SIZE.voxels();
                int length = whole.length;
                whole = Arrays.copyOf(whole, length + bytes.length - start);
                System.arraycopy(bytes, start, whole, length, bytes.length - start);
            }
            Files.delete(single);
            boolean little = whole[0] == 92;
            whole[little ? 40 : 41] = 4;
            whole[little ? 48 : 49] = (byte) frames.size();
            byte[] content = whole;
            AtomicFiles.write(file, out -> out.write(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
