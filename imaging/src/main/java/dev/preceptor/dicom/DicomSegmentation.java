package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A DICOM segmentation (PS3.3 A.51): BINARY, FRACTIONAL or LABELMAP. Frames may come in any order and may be smaller than the images
 * of the source; voxels that no frame shows are empty. Immutable; for any number of threads.
 *
 * <pre>{@code
 * DicomSegmentation segmentation = DicomSegmentation.read(file);
 * LabelMap labels = segmentation.labels(LabelSpace.BRATS_2018, image.grid());
 * }</pre>
 */
public final class DicomSegmentation {
    /** The label spaces that {@link #labelSpace} may give, in the order in which they are tried. */
    public static final List<LabelSpace> KNOWN_SPACES =
            List.of(LabelSpace.BRATS_2018, LabelSpace.BRATS_2024, LabelSpace.BRATS_PED_2024);

    private final Path file;
    private final SegmentationType type;
    private final List<Segment> segments;
    private final SegmentationFrames frames;
    private final Grid grid;
    private final DataSet dataSet;

    private DicomSegmentation(Path file, DicomFile content) {
        this.file = file;
        this.dataSet = content.dataSet();
        this.type = SegmentReader.type(dataSet);
        this.segments = SegmentReader.segments(dataSet, type);
        this.frames = SegmentationFrames.of(content, type);
        this.grid = FrameLattice.around(
                frames.plane(),
                frames.frames().stream().map(SegmentationFrames.Frame::position).toList(),
                frames.statedGap(),
                frames.thickness());
    }

    /** Whether a file is a DICOM segmentation, damaged or not. */
    public static boolean isIn(Path file) {
        try {
            return DicomFile.isDicom(file)
                    && SegmentReader.isSegmentation(DicomFile.read(file).dataSet());
        } catch (InvalidFileException e) {
            // The reader of the file reports the damage.
            return false;
        }
    }

    /** @throws InvalidFileException if the file is no DICOM segmentation, is damaged, or its frames do not lie on one grid */
    public static DicomSegmentation read(Path file) {
        DicomFile content = DicomFile.read(file);
        try {
            return new DicomSegmentation(file, content);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    /** How the segments are stored. */
    public SegmentationType type() {
        return type;
    }

    /** The segments by their numbers, without the background of a label map. */
    public List<Segment> segments() {
        return segments;
    }

    /** The smallest grid that contains all frames: along rows, along columns, along their normal. */
    public Grid grid() {
        return grid;
    }

    /** The number of frames. */
    public int frameCount() {
        return frames.frames().size();
    }

    DataSet dataSet() {
        return dataSet;
    }

    /** Whether every pixel is a voxel of a grid, in any order and direction of its axes. */
    public boolean liesOn(Grid other) {
        return frames.frames().stream()
                .allMatch(frame -> frames.plane().on(other, frame.position()).isPresent());
    }

    /** The smallest grid that contains the frames of both; empty if the pixels of the other are not on voxels of this one. */
    public Optional<Grid> gridWith(DicomSegmentation other) {
        if (!other.liesOn(grid)) {
            return Optional.empty();
        }
        int[] low = {0, 0, 0};
        int[] high = {grid.size().x(), grid.size().y(), grid.size().z()};
        for (SegmentationFrames.Frame frame : other.frames.frames()) {
            FramePlane plane = other.frames.plane();
            FramePlane.Placement placement = plane.on(grid, frame.position()).orElseThrow();
            for (int axis = 0; axis < 3; axis++) {
                int first = placement.at(axis, 0, 0);
                int last = placement.at(axis, plane.columns() - 1, plane.rows() - 1);
                low[axis] = Math.min(low[axis], Math.min(first, last));
                high[axis] = Math.max(high[axis], Math.max(first, last) + 1);
            }
        }
        boolean isNear = (long) high[2] - low[2] <= (long) grid.size().z() + FrameLattice.MAX_SLICES
                && (long) high[0] - low[0] <= 2L * grid.size().x()
                && (long) high[1] - low[1] <= 2L * grid.size().y();
        return isNear
                ? Optional.of(grid.crop(new Box(low[0], low[1], low[2], high[0], high[1], high[2])))
                : Optional.empty();
    }

    /**
     * The labels on a grid: of segments that are classes, or of regions that lie in each other. Segments are those of a label space by
     * their codes or texts.
     *
     * @param space the meaning of the labels
     * @param on a grid whose voxels are the pixels of the frames
     * @throws InvalidFileException if a segment is none of the space, classes overlap, or the segments do not tell the classes apart
     * @throws MismatchException if the pixels are not voxels of the grid, or a segment extends beyond it
     */
    public LabelMap labels(LabelSpace space, Grid on) {
        return labels(space, on, false);
    }

    /**
     * The same.
     *
     * @param byNumber whether the values of the space are the numbers of the segments if no segment has a code or text of the space
     */
    public LabelMap labels(LabelSpace space, Grid on, boolean byNumber) {
        if (type == SegmentationType.FRACTIONAL) {
            throw new InvalidFileException(
                    file,
                    "is FRACTIONAL: it holds probabilities, not labels; name the BINARY or LABELMAP segmentation");
        }
        try {
            SegmentMeanings meanings = SegmentMeanings.of(segments, space, byNumber);
            meanings.requireClassesFollow(space);
            return new SegmentedLabels(space, meanings, segments, on, type == SegmentationType.LABELMAP)
                    .of(this::forEachPixel);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    /**
     * The probabilities of the regions of a label space, 0 to 1.
     *
     * @param on a grid whose voxels are the pixels of the frames
     * @return of those regions that are segments
     * @throws InvalidFileException if the file is not FRACTIONAL with probabilities, or a segment is no region of the space
     * @throws MismatchException if the pixels are not voxels of the grid, or a segment extends beyond it
     */
    public Map<Region, Volume> probabilities(LabelSpace space, Grid on) {
        if (type != SegmentationType.FRACTIONAL) {
            throw new InvalidFileException(file, "is " + type + ": it holds no probabilities");
        }
        try {
            int maximum = SegmentReader.maximumOfProbability(dataSet);
            Map<Integer, float[]> bySegment = new LinkedHashMap<>();
            Map<Region, Volume> volumes = new LinkedHashMap<>();
            SegmentMeanings.of(segments, space, false).regions().forEach((number, region) -> {
                float[] voxels = new float[on.size().voxels()];
                bySegment.put(number, voxels);
                Region ofSpace = space.regions().stream()
                        .filter(one -> one.classes().equals(region.classes()))
                        .findFirst()
                        .orElse(region);
                if (volumes.put(ofSpace, new Volume(on, voxels)) != null) {
                    throw new IllegalArgumentException("has two segments of region " + ofSpace);
                }
            });
            forEachPixel(on, (segment, voxel, value) -> {
                if (bySegment.get(segment) == null || value > maximum) {
                    throw new IllegalArgumentException("has a frame of segment " + segment
                            + " that it does not describe, or a pixel above its maximum " + maximum);
                }
                bySegment.get(segment)[voxel] = (float) value / maximum;
            });
            return Collections.unmodifiableMap(volumes);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    /**
     * The first of {@link #KNOWN_SPACES} that has all segments; else one whose classes are named as the segments, with their numbers.
     *
     * @throws InvalidFileException if the segments are more than a label map can hold, or two have one name
     */
    public LabelSpace labelSpace() {
        for (LabelSpace known : KNOWN_SPACES) {
            if (SegmentMeanings.isKnown(segments, known)) {
                return known;
            }
        }
        Map<Integer, LabelClass> classes = new LinkedHashMap<>();
        try {
            for (Segment segment : segments) {
                LabelClass named = new LabelClass(segment.name());
                if (classes.containsValue(named)) {
                    throw new IllegalArgumentException("has two segments named \"" + named + "\"");
                }
                classes.put(segment.number(), named);
            }
            return new LabelSpace("SEGMENTS", classes);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    /** The number of voxels of each segment; of a FRACTIONAL one, those of at least half the maximum. */
    Map<Integer, Long> counts() {
        int least = type == SegmentationType.FRACTIONAL
                ? (dataSet.integer(Tag.MAXIMUM_FRACTIONAL_VALUE).orElse(SegmentationEncoder.MAX_FRACTION) + 1) / 2
                : 1;
        Map<Integer, Long> counts = new LinkedHashMap<>();
        segments.forEach(segment -> counts.put(segment.number(), 0L));
        try {
            forEachPixel(grid, (segment, voxel, value) -> {
                if (value >= least) {
                    counts.merge(segment == 0 ? value : segment, 1L, Long::sum);
                }
            });
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
        return counts;
    }

    /** Receives the pixels that are not 0. */
    @FunctionalInterface
    interface PixelConsumer {
        /**
         * @param segment the number of the frame's segment, 0 in a label map
         * @param voxel its index on the grid
         * @param value from 1 to 255
         */
        void accept(int segment, int voxel, int value);
    }

    private void forEachPixel(Grid on, PixelConsumer consumer) {
        FramePlane plane = frames.plane();
        Size size = on.size();
        List<SegmentationFrames.Frame> all = frames.frames();
        for (int number = 0; number < all.size(); number++) {
            FramePlane.Placement placement = plane.on(on, all.get(number).position())
                    .orElseThrow(() -> new MismatchException(
                            file + ": its pixels are not voxels of the grid " + on + "; resample it with --resample"));
            byte[] pixels = frames.pixels().frame(number);
            for (int row = 0; row < plane.rows(); row++) {
                for (int column = 0; column < plane.columns(); column++) {
                    int value = pixels[row * plane.columns() + column] & 0xff;
                    if (value != 0) {
                        int x = placement.at(0, column, row);
                        int y = placement.at(1, column, row);
                        int z = placement.at(2, column, row);
                        if (x < 0 || y < 0 || z < 0 || x >= size.x() || y >= size.y() || z >= size.z()) {
                            throw new MismatchException(file + ": its segments extend beyond the image of " + on);
                        }
                        consumer.accept(all.get(number).segment(), size.index(x, y, z), value);
                    }
                }
            }
        }
    }

    /** What {@code preceptor inspect} prints of a segmentation. */
    public Map<String, Object> summary() {
        return SegmentationSummary.of(this);
    }
}
