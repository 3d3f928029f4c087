package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads and writes NIfTI files. Everything that a reader refuses is an {@link InvalidFileException} that names the file;
 * a header's promises are checked against the file and the memory before room is made for voxels, and every gzip
 * checksum is verified. Stateless, thread-safe.
 *
 * <p>Reading takes {@code .nii}, {@code .hdr} or {@code .img}, each also with {@code .gz}, and finds compression by content;
 * in writing the name decides. Volumes are written as float32, label maps as uint8, in NIfTI-1 unless the header to
 * follow is NIfTI-2 or an axis has more than 32767 voxels. What lies on the grid of a file is written with that file's header
 * ({@link #write(Path, LabelMap, NiftiHeader)}), so that every reader finds both in one place.
 */
public final class Nifti {
    /** A stored number this close to a whole one is that label: some tools write labels as floats. */
    private static final double LABEL_TOLERANCE = 1e-3;

    /** More different values than this are not labels. */
    private static final int MOST_LABELS = 1024;

    private Nifti() {}

    /** What a file says of itself; no voxel is read. */
    public static NiftiHeader readHeader(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            return opened.header();
        }
    }

    /** The files of an image, given the name of any: one, or the header and the voxels of a pair. */
    public static List<Path> files(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            return opened.files();
        }
    }

    /** Header and voxels in a few numbers; reads the whole file. */
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
     * The image of a file that holds one.
     *
     * @throws InvalidFileException also if it holds several; {@link #readVolume(Path, int)} takes one of them
     */
    public static Volume readVolume(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            requireOneImage(file, opened.header());
            return new Volume(grid(file, opened.header()), opened.readFrame(0));
        }
    }

    /** One image, counted from 0, of a file with a fourth dimension. */
    public static Volume readVolume(Path file, int frame) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            return new Volume(grid(file, opened.header()), opened.readFrame(frame));
        }
    }

    /** All images of a file with a fourth dimension, in one pass. */
    public static List<Volume> readVolumes(Path file) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            Grid grid = grid(file, opened.header());
            List<Volume> volumes = new ArrayList<>();
            opened.readFrames().forEach(voxels -> volumes.add(new Volume(grid, voxels)));
            return List.copyOf(volumes);
        }
    }

    /**
     * A label map, stored as whole numbers of any type or as floats within 0.001 of one.
     *
     * @throws InvalidFileException also for a fractional value and for a label that is not in the schema, naming it
     */
    public static LabelMap readLabelMap(Path file, LabelSchema schema) {
        try (NiftiFile opened = NiftiFile.open(file)) {
            NiftiHeader header = opened.header();
            requireOneImage(file, header);
            Grid grid = grid(file, header);
            byte[] labels = new byte[grid.size().voxels()];
            int[] done = {0};
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
                                        + "; name the schema of this data set with --schema (of predictions: --prediction-schema)");
                    }
                    labels[done[0]++] = (byte) label;
                }
            });
            return new LabelMap(grid, labels, schema);
        }
    }

    /**
     * The different labels of a file in ascending order, 0 among them where it occurs, whatever their schema.
     *
     * @throws InvalidFileException also for a fractional value, and for so many that they cannot be labels
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
                    if (found.size() > MOST_LABELS) {
                        throw new InvalidFileException(
                                file, "has more than " + MOST_LABELS + " different values; this is no label map");
                    }
                }
            });
            return found;
        }
    }

    /** Writes an image as float32 with sform and, unless the affine is sheared, qform. */
    public static void write(Path file, Volume volume) {
        write(file, volume, Placement.of(volume.grid()));
    }

    /**
     * Writes an image as float32 where another file's image lies, with the version, qform, sform, {@code pixdim} and units of
     * that file, bit for bit.
     *
     * @throws IllegalArgumentException if the grids differ
     */
    public static void write(Path file, Volume volume, NiftiHeader like) {
        write(file, volume, placement(volume.grid(), like));
    }

    /** Writes labels as uint8; the description says what each value means ({@link LabelDeclaration}). */
    public static void write(Path file, LabelMap labels) {
        write(file, labels, Placement.of(labels.grid()));
    }

    /**
     * Writes labels as uint8 where another file's image lies, with the version, qform, sform, {@code pixdim} and units of that
     * file, bit for bit.
     *
     * @throws IllegalArgumentException if the grids differ
     */
    public static void write(Path file, LabelMap labels, NiftiHeader like) {
        write(file, labels, placement(labels.grid(), like));
    }

    private static Placement placement(Grid grid, NiftiHeader like) {
        if (!like.grid().matches(grid)) {
            throw new IllegalArgumentException("an image on " + grid + " cannot be placed as one on " + like.grid());
        }
        return like.placement();
    }

    private static void write(Path file, Volume volume, Placement placement) {
        byte[] header = HeaderWriter.header(
                placement, volume.size(), NiftiDatatype.FLOAT32, "preceptor", NiftiPath.isPair(file));
        NiftiWriter.write(file, header, out -> NiftiWriter.writeFloats(out, volume.voxels()));
    }

    private static void write(Path file, LabelMap labels, Placement placement) {
        String description = LabelDeclaration.of(labels);
        byte[] header =
                HeaderWriter.header(placement, labels.size(), NiftiDatatype.UINT8, description, NiftiPath.isPair(file));
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
                "voxel value " + value + " is not a label; labels are small whole numbers, so this is no label map");
    }
}
