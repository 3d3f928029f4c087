package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.NiftiName;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads and writes NIfTI files. Every refusal of a reader is an {@link InvalidFileException} that names the file. The
 * sizes in a header are checked against the length of the file and the available memory before voxels are allocated,
 * and all gzip checksums are verified. Stateless, thread-safe.
 *
 * <p>Readers accept {@code .nii}, {@code .hdr} or {@code .img}, each also with {@code .gz}, and recognise compression
 * by content; writers compress if the name ends in {@code .gz}. Volumes are written as float32 and label maps as uint8,
 * in NIfTI-1 unless the given header is NIfTI-2 or an axis has more than 32767 voxels. Results on the grid of an
 * existing file are written with the header of that file ({@link #write(Path, LabelMap, NiftiHeader)}), so that every
 * viewer places both identically.
 *
 * <pre>{@code
 * Volume flair = Nifti.readVolume(folder.resolve("flair.nii.gz"));
 * LabelMap labels = Nifti.readLabelMap(folder.resolve("seg.nii.gz"), LabelSpace.BRATS_2018);
 * NiftiHeader header = Nifti.readHeader(folder.resolve("flair.nii.gz"));
 * Nifti.write(folder.resolve("prediction.nii.gz"), labels, header);
 * }</pre>
 */
public final class Nifti {
    /** The largest distance of a label from a whole number; some tools store labels as floats. */
    private static final double LABEL_TOLERANCE = 1e-3;

    /** A file with more distinct values is not a label map. */
    private static final int MAX_LABELS = 1024;

    private Nifti() {}

    /**
     * Whether a file is named as an image or one half of it: {@code .nii}, {@code .hdr} or {@code .img}, each with or without
     * {@code .gz}, in any case. The file need not exist.
     */
    public static boolean isNamed(Path file) {
        return NiftiName.isWhole(file) || NiftiName.isHalf(file);
    }

    /**
     * Whether a file is named as a whole image, {@code .nii} or {@code .nii.gz}, in any case: no other format uses these names,
     * while old DICOM files may be named {@code .img}.
     */
    public static boolean isNamedSingle(Path file) {
        return NiftiName.isWhole(file);
    }

    /** The header of a file; no voxel is decoded. */
    public static NiftiHeader readHeader(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            return opened.header();
        }
    }

    /**
     * The files of an image, given any of them: one file, or header and data file of a pair. Goes by the names of the files and
     * opens none.
     */
    public static List<Path> files(Path file) {
        return NiftiPath.files(file);
    }

    /** The header and a few numbers about the voxels; reads the whole file. */
    public static NiftiSummary summarise(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            NiftiHeader header = opened.header();
            if (!header.datatype().isReadable()) {
                opened.verify();
                return new NiftiSummary(header, Optional.empty());
            }
            SummaryCollector collector = new SummaryCollector();
            opened.forEach(collector);
            return new NiftiSummary(header, Optional.of(collector.values()));
        }
    }

    /**
     * The image of a file that contains exactly one, in millimetres.
     *
     * @throws InvalidFileException also if the file contains several images; {@link #readVolume(Path, int)} reads one
     *     of them
     */
    public static Volume readVolume(Path file) {
        return readWithHeader(file).volumes().get(0);
    }

    /**
     * One image of a file with four or more dimensions.
     *
     * @param frame the index of the image, from 0 (inclusive) to {@link NiftiHeader#frames()} (exclusive)
     */
    public static Volume readVolume(Path file, int frame) {
        return readWithHeader(file, List.of(frame)).volumes().get(0);
    }

    /**
     * Images and the header of their file.
     *
     * @param header the header, with which results on the grid of the images are written
     * @param volumes the images
     */
    public record HeaderAndVolumes(NiftiHeader header, List<Volume> volumes) {
        public HeaderAndVolumes {
            volumes = List.copyOf(volumes);
        }
    }

    /** {@link #readVolume(Path)} and {@link #readHeader} from one opening of the file. */
    public static HeaderAndVolumes readWithHeader(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            requireOneImage(file, opened.header());
            return read(file, opened, List.of(0));
        }
    }

    /**
     * Some images of a file with four or more dimensions and its header, from one pass through the file.
     *
     * @param frames the indices of the images, from 0 (inclusive) to {@link NiftiHeader#frames()} (exclusive)
     * @return the images in the order of the indices
     */
    public static HeaderAndVolumes readWithHeader(Path file, List<Integer> frames) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            return read(file, opened, frames);
        }
    }

    private static HeaderAndVolumes read(Path file, NiftiFile opened, List<Integer> frames) {
        Grid grid = grid(file, opened.header());
        return new HeaderAndVolumes(
                opened.header(),
                opened.readFrames(frames).stream()
                        .map(voxels -> new Volume(grid, voxels))
                        .toList());
    }

    /** All images of a file with four or more dimensions, read in one pass. */
    public static List<Volume> readVolumes(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            Grid grid = grid(file, opened.header());
            return opened.readFrames().stream()
                    .map(voxels -> new Volume(grid, voxels))
                    .toList();
        }
    }

    /**
     * A label map, stored as integers of any type or as floats within 0.001 of an integer.
     *
     * @throws InvalidFileException also for a fractional value and for a label that is not in the schema, naming it
     */
    public static LabelMap readLabelMap(Path file, LabelSpace schema) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            NiftiHeader header = opened.header();
            requireOneImage(file, header);
            Grid grid = grid(file, header);
            byte[] labels = opened.allocateLabels();
            int[] next = {0};
            opened.forEach((values, count) -> {
                for (int i = 0; i < count; i++) {
                    double value = values[i];
                    int label = (int) Math.rint(value);
                    if (!(Math.abs(value - label) <= LABEL_TOLERANCE)) {
                        throw fractional(file, value);
                    }
                    if (label != 0 && !schema.allows(label)) {
                        throw new InvalidFileException(
                                file,
                                "label " + label + " is not in " + schema
                                        + "; name the schema of this data set with --schema (of predictions:"
                                        + " --prediction-schema)");
                    }
                    labels[next[0]++] = (byte) label;
                }
            });
            return new LabelMap(grid, labels, schema);
        }
    }

    /**
     * The distinct labels of a file in ascending order, including 0 if it occurs, independent of any schema.
     *
     * @throws InvalidFileException also for a fractional value and for more than 1024 distinct labels
     */
    public static Set<Integer> readLabelValues(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            Set<Integer> found = new TreeSet<>();
            int[] last = {Integer.MIN_VALUE};
            opened.forEach((values, count) -> {
                for (int i = 0; i < count; i++) {
                    int label = (int) Math.rint(values[i]);
                    if (!(Math.abs(values[i] - label) <= LABEL_TOLERANCE)) {
                        throw fractional(file, values[i]);
                    }
                    if (label != last[0]) {
                        last[0] = label;
                        found.add(label);
                    }
                    if (found.size() > MAX_LABELS) {
                        throw new InvalidFileException(
                                file, "has more than " + MAX_LABELS + " distinct values; this is not a label map");
                    }
                }
            });
            return found;
        }
    }

    /** Writes an image as float32 with an sform and, unless the affine is sheared, a qform. */
    public static void write(Path file, Volume volume) {
        write(file, volume, Placement.of(volume.grid()));
    }

    /**
     * Writes an image as float32 with the version, qform, sform, {@code pixdim} and units of an existing file, bit for
     * bit.
     *
     * @param like the header of a file on the same grid
     * @throws IllegalArgumentException if the grids differ
     */
    public static void write(Path file, Volume volume, NiftiHeader like) {
        write(file, volume, placement(volume.grid(), like));
    }

    /** Writes a label map as uint8; the description field declares its schema ({@link LabelDeclaration}). */
    public static void write(Path file, LabelMap labels) {
        write(file, labels, Placement.of(labels.grid()));
    }

    /**
     * Writes a label map as uint8 with the version, qform, sform, {@code pixdim} and units of an existing file, bit for
     * bit.
     *
     * @param like the header of a file on the same grid
     * @throws IllegalArgumentException if the grids differ
     */
    public static void write(Path file, LabelMap labels, NiftiHeader like) {
        write(file, labels, placement(labels.grid(), like));
    }

    private static Placement placement(Grid grid, NiftiHeader like) {
        if (!like.grid().matches(grid)) {
            throw new IllegalArgumentException(
                    "an image on " + grid + " cannot have the header of one on " + like.grid());
        }
        return like.placement();
    }

    private static void write(Path file, Volume volume, Placement placement) {
        byte[] header = HeaderWriter.header(
                placement, volume.size(), NiftiDatatype.FLOAT32, "preceptor", NiftiName.isHalf(file));
        NiftiWriter.write(file, header, out -> NiftiWriter.writeFloats(out, volume.voxels()));
    }

    private static void write(Path file, LabelMap labels, Placement placement) {
        String description = LabelDeclaration.of(labels);
        byte[] header =
                HeaderWriter.header(placement, labels.size(), NiftiDatatype.UINT8, description, NiftiName.isHalf(file));
        NiftiWriter.write(file, header, out -> out.write(labels.voxels()));
    }

    private static void requireOneImage(Path file, NiftiHeader header) {
        if (header.frames() != 1) {
            throw new InvalidFileException(
                    file,
                    "holds " + header.frames() + " images (shape " + header.shape()
                            + ") where one is expected; choose one of them or split the file");
        }
    }

    private static Grid grid(Path file, NiftiHeader header) {
        if (header.voxelsPerFrame() > Integer.MAX_VALUE - 8) {
            throw new InvalidFileException(
                    file, "has " + header.voxelsPerFrame() + " voxels; more than 2^31-1 are not supported");
        }
        return header.grid();
    }

    private static InvalidFileException fractional(Path file, double value) {
        return new InvalidFileException(
                file,
                "voxel value " + value + " is not a label; labels are small whole numbers, so this is not a label map");
    }
}
