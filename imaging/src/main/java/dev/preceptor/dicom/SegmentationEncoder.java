package dev.preceptor.dicom;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes DICOM segmentations (PS3.3 A.51): a label map as BINARY or LABELMAP with a segment for each class, probabilities as
 * FRACTIONAL with a segment for each region. Frames lie on the slices of the source, which are found by their positions. Frames
 * without a voxel are left out; if there are none at all, the first segment has an empty frame for each slice. Immutable, thread-safe.
 *
 * <p>Identifiers follow from the source, the algorithm and the content: the same segmentation written again has the same ones, so
 * that no archive holds it twice.
 */
public final class SegmentationEncoder {
    /** The value of a pixel whose probability is 1. */
    static final int MAX_FRACTION = 255;

    private final SegmentationAlgorithm algorithm;
    private final Clock clock;

    /**
     * @param algorithm that made the segmentations
     * @param clock of the date of the content
     */
    public SegmentationEncoder(SegmentationAlgorithm algorithm, Clock clock) {
        this.algorithm = algorithm;
        this.clock = clock;
    }

    /**
     * Writes labels, whole or not at all.
     *
     * @param labels on the grid of the source
     * @param type BINARY, or LABELMAP with run length encoding
     * @throws IllegalArgumentException if the type is FRACTIONAL, or some voxels are to be ignored
     * @throws MismatchException if the slices of the source are not those of the grid of the labels
     * @throws dev.preceptor.base.PreceptorException if the file cannot be written
     */
    public void write(Path file, LabelMap labels, DicomProvenance source, SegmentationType type) {
        if (type == SegmentationType.FRACTIONAL) {
            throw new IllegalArgumentException("labels are no fractions");
        }
        LabelSpace space = labels.schema();
        List<LabelClass> classes = space.values().values().stream()
                .distinct()
                .filter(labelClass -> !labelClass.equals(LabelClass.IGNORE))
                .toList();
        List<Segment> segments = new ArrayList<>();
        for (LabelClass labelClass : classes) {
            segments.add(segment(
                    segments.size() + 1,
                    SegmentationCodes.label(space, labelClass),
                    labelClass.name(),
                    SegmentationCodes.type(space, labelClass)));
        }
        byte[] numbers = new byte[LabelSpace.LARGEST_VALUE + 1];
        space.values().forEach((value, labelClass) -> numbers[value] = (byte) (classes.indexOf(labelClass) + 1));
        byte[] pixels = new byte[labels.voxels().length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = numbers[labels.voxels()[i]];
            if (pixels[i] == 0 && labels.voxels()[i] != 0) {
                throw new IllegalArgumentException("ignored voxels are no segment");
            }
        }
        Size size = labels.size();
        List<DicomProvenance.Slice> slices = slices(source, labels.grid());
        EncodedFrames frames = new EncodedFrames(type, size.y(), size.x());
        if (type == SegmentationType.LABELMAP) {
            addFrames(frames, 0, pixels, size);
        } else {
            for (Segment segment : segments) {
                addFrames(frames, segment.number(), only(pixels, segment.number()), size);
            }
        }
        write(file, segments, frames, slices, source);
    }

    /**
     * Writes probabilities, whole or not at all, in steps of 1/255.
     *
     * @param probabilities of regions, at least one, 0 to 1, on the grid of the source
     * @param space of the regions
     * @throws MismatchException if the slices of the source are not those of the grid of the volumes
     * @throws dev.preceptor.base.PreceptorException if the file cannot be written
     */
    public void writeProbabilities(
            Path file, Map<Region, Volume> probabilities, LabelSpace space, DicomProvenance source) {
        Grid grid = probabilities.values().iterator().next().grid();
        List<DicomProvenance.Slice> slices = slices(source, grid);
        List<Segment> segments = new ArrayList<>();
        EncodedFrames frames = new EncodedFrames(
                SegmentationType.FRACTIONAL, grid.size().y(), grid.size().x());
        probabilities.forEach((region, volume) -> {
            grid.requireMatches(volume.grid(), "the first region", "region " + region);
            int number = segments.size() + 1;
            segments.add(segment(
                    number,
                    SegmentationCodes.label(space, region),
                    region.name(),
                    SegmentationCodes.type(space, region)));
            addFrames(frames, number, fractions(volume), grid.size());
        });
        write(file, segments, frames, slices, source);
    }

    private Segment segment(int number, String label, String description, CodedTerm type) {
        return new Segment(
                number, label, description, SegmentationCodes.CATEGORY, type, "AUTOMATIC", Optional.of(algorithm));
    }

    private void write(
            Path file,
            List<Segment> segments,
            EncodedFrames frames,
            List<DicomProvenance.Slice> slices,
            DicomProvenance source) {
        if (frames.frames().isEmpty()) {
            byte[] empty = new byte[frames.rows() * frames.columns()];
            int first = frames.type() == SegmentationType.LABELMAP ? 0 : 1;
            for (int slice = 0; slice < slices.size(); slice++) {
                frames.add(first, slice, empty);
            }
        }
        DataSet dataSet = new SegmentationAttributes(segments, frames, slices, source, algorithm).dataSet(clock);
        DicomWriter.write(file, dataSet, frames.transferSyntax());
    }

    private static void addFrames(EncodedFrames frames, int segment, byte[] pixels, Size size) {
        int pixelsOfSlice = size.x() * size.y();
        for (int slice = 0; slice < size.z(); slice++) {
            byte[] frame = Arrays.copyOfRange(pixels, slice * pixelsOfSlice, (slice + 1) * pixelsOfSlice);
            if (hasAny(frame)) {
                frames.add(segment, slice, frame);
            }
        }
    }

    private static boolean hasAny(byte[] pixels) {
        for (byte pixel : pixels) {
            if (pixel != 0) {
                return true;
            }
        }
        return false;
    }

    private static byte[] only(byte[] pixels, int number) {
        byte[] mask = new byte[pixels.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = (byte) (pixels[i] == number ? 1 : 0);
        }
        return mask;
    }

    private static byte[] fractions(Volume volume) {
        byte[] fractions = new byte[volume.voxels().length];
        for (int i = 0; i < fractions.length; i++) {
            fractions[i] = (byte) Math.round(Math.max(0, Math.min(1, volume.voxels()[i])) * MAX_FRACTION);
        }
        return fractions;
    }

    /** The slices of the source in the order of the third axis of the grid, found by their positions. */
    private static List<DicomProvenance.Slice> slices(DicomProvenance source, Grid grid) {
        DicomProvenance.Slice[] ordered = new DicomProvenance.Slice[grid.size().z()];
        Affine toGrid = grid.affine().inverse();
        for (DicomProvenance.Slice slice : source.slices()) {
            double[] lps = slice.position();
            double[] at = toGrid.apply(-lps[0], -lps[1], lps[2]);
            int z = (int) Math.round(at[2]);
            boolean isOnGrid = Math.abs(at[0]) <= FramePlane.TOLERANCE
                    && Math.abs(at[1]) <= FramePlane.TOLERANCE
                    && Math.abs(at[2] - z) <= FramePlane.TOLERANCE
                    && z >= 0
                    && z < ordered.length;
            if (!isOnGrid || ordered[z] != null) {
                throw new MismatchException("the slice at " + Arrays.toString(lps)
                        + " of the DICOM series is none of the " + ordered.length
                        + " slices of the segmentation, or one of two; segment the series itself");
            }
            ordered[z] = slice;
        }
        if (source.slices().size() != ordered.length) {
            throw new MismatchException("the segmentation has " + ordered.length + " slices but the DICOM series has "
                    + source.slices().size() + "; segment the series itself");
        }
        return List.of(ordered);
    }
}
