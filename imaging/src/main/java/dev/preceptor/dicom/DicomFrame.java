package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One frame of a file as a slice in space. A classic image has one; the numbers of an Enhanced one are in its functional groups (PS3.3,
 * C.7.6.16): those of the frame, then the shared ones, then the top level.
 *
 * @param file its file
 * @param index which frame, from 0
 * @param position the centre of the first pixel in LPS+ millimetres
 * @param orientation the unit vectors along a row and along a column
 * @param rowSpacing the distance between rows in millimetres
 * @param columnSpacing the distance between columns in millimetres
 * @param slope what stored values are multiplied with
 * @param intercept what is added then
 */
record DicomFrame(
        DicomFile file,
        int index,
        double[] position,
        double[] orientation,
        double rowSpacing,
        double columnSpacing,
        double slope,
        double intercept) {
    private static final double UNIT_TOLERANCE = 1e-3;

    /** Says why frames make no volume; callers list the reason with the file. */
    static final class NotAVolumeException extends Exception {
        private static final long serialVersionUID = 1L;

        NotAVolumeException(String reason) {
            super(reason);
        }
    }

    /**
     * All frames of a file.
     *
     * @throws NotAVolumeException with the reason, if the file is no image in space
     * @throws InvalidFileException if the header is damaged
     */
    static List<DicomFrame> of(DicomFile file) throws NotAVolumeException {
        DataSet header = file.dataSet();
        if (header.texts(Tag.IMAGE_TYPE).contains("MOSAIC")) {
            throw new NotAVolumeException(
                    "is a Siemens mosaic, many slices as tiles of one picture; convert the series with dcm2niix");
        }
        if (header.text(Tag.MODALITY).equals(Optional.of("SEG"))) {
            throw new NotAVolumeException("is a DICOM segmentation (SEG), not an image");
        }
        if (!file.hasPixels() || !header.contains(Tag.ROWS)) {
            throw new NotAVolumeException("holds no image");
        }
        Optional<String> notGrey = PixelFormat.notGrey(header);
        if (notGrey.isPresent()) {
            throw new NotAVolumeException(notGrey.get());
        }
        PixelFormat format = PixelFormat.of(file);
        file.requireEnoughBytes(format);
        if (!header.contains(Tag.IMAGE_POSITION) && !header.contains(Tag.PER_FRAME_FUNCTIONAL_GROUPS)) {
            throw new NotAVolumeException("has no position in space (" + Tag.IMAGE_POSITION + ")");
        }
        List<DataSet> perFrame = header.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS);
        if (!perFrame.isEmpty() && perFrame.size() != format.frames() || perFrame.isEmpty() && format.frames() > 1) {
            throw new InvalidFileException(
                    file.path(),
                    "promises " + format.frames() + " frames but describes " + perFrame.size()
                            + "; it is damaged, or convert it with dcm2niix");
        }
        List<DicomFrame> frames = new ArrayList<>();
        for (int i = 0; i < format.frames(); i++) {
            frames.add(of(file, i));
        }
        return frames;
    }

    private static DicomFrame of(DicomFile file, int index) {
        double[] position = exactly(3, file, index, Tag.PLANE_POSITION, Tag.IMAGE_POSITION);
        double[] orientation = exactly(6, file, index, Tag.PLANE_ORIENTATION, Tag.IMAGE_ORIENTATION);
        double[] spacing = exactly(2, file, index, Tag.PIXEL_MEASURES, Tag.PIXEL_SPACING);
        requireRightAngle(file, orientation);
        if (!(spacing[0] > 0) || !(spacing[1] > 0)) {
            throw new InvalidFileException(file.path(), Tag.PIXEL_SPACING + " must be above 0");
        }
        Optional<DataSet> rescale = group(file, index, Tag.PIXEL_VALUE_TRANSFORMATION);
        double slope = first(rescale.orElse(file.dataSet()), Tag.RESCALE_SLOPE, 1);
        double intercept = first(rescale.orElse(file.dataSet()), Tag.RESCALE_INTERCEPT, 0);
        return new DicomFrame(file, index, position, orientation, spacing[0], spacing[1], slope, intercept);
    }

    private static double first(DataSet from, Tag tag, double otherwise) {
        double[] values = from.decimals(tag);
        return values.length == 0 ? otherwise : values[0];
    }

    private static double[] exactly(int count, DicomFile file, int index, Tag group, Tag tag) {
        double[] values = group(file, index, group).orElse(file.dataSet()).decimals(tag);
        if (values.length != count) {
            throw new InvalidFileException(
                    file.path(), "has " + values.length + " numbers in " + tag + ", not " + count);
        }
        return values;
    }

    private static void requireRightAngle(DicomFile file, double[] o) {
        double row = Math.sqrt(o[0] * o[0] + o[1] * o[1] + o[2] * o[2]);
        double column = Math.sqrt(o[3] * o[3] + o[4] * o[4] + o[5] * o[5]);
        double product = o[0] * o[3] + o[1] * o[4] + o[2] * o[5];
        if (!(Math.abs(row - 1) < UNIT_TOLERANCE)
                || !(Math.abs(column - 1) < UNIT_TOLERANCE)
                || !(Math.abs(product) < UNIT_TOLERANCE)) {
            throw new InvalidFileException(
                    file.path(), Tag.IMAGE_ORIENTATION + " holds no two unit vectors at a right angle");
        }
    }

    /** The functional group of a frame; empty if the numbers are those of the top level. */
    static Optional<DataSet> group(DicomFile file, int index, Tag group) {
        List<DataSet> perFrame = file.dataSet().items(Tag.PER_FRAME_FUNCTIONAL_GROUPS);
        Optional<DataSet> own = index < perFrame.size() ? perFrame.get(index).item(group) : Optional.empty();
        return own.or(() -> file.dataSet().item(Tag.SHARED_FUNCTIONAL_GROUPS).flatMap(shared -> shared.item(group)));
    }

    /** The functional group of this frame, or the top level. */
    DataSet groupOrTop(Tag group) {
        return group(file, index, group).orElse(file.dataSet());
    }

    /** The unit vector across the slice, from the vectors along row and column. */
    double[] normal() {
        double[] o = orientation;
        return new double[] {
            o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3],
        };
    }

    /** How far along a direction the slice lies, in millimetres. */
    double along(double[] direction) {
        return position[0] * direction[0] + position[1] * direction[1] + position[2] * direction[2];
    }

    int rows() {
        return file.dataSet().integer(Tag.ROWS).orElseThrow();
    }

    int columns() {
        return file.dataSet().integer(Tag.COLUMNS).orElseThrow();
    }

    /** Whether two slices can be of one volume: same size, same spacing, same orientation. */
    boolean fits(DicomFrame other) {
        // Numbers at hand come first: of many groups nearly all differ in them, and a size is parsed from the header.
        for (int i = 0; i < 6; i++) {
            if (Math.abs(orientation[i] - other.orientation[i]) > 1e-3) {
                return false;
            }
        }
        return Math.abs(rowSpacing - other.rowSpacing) <= 1e-3 * rowSpacing
                && Math.abs(columnSpacing - other.columnSpacing) <= 1e-3 * columnSpacing
                && rows() == other.rows()
                && columns() == other.columns();
    }

    /** The distance of neighbouring slices that the header states, for a volume of one; empty if it states none. */
    Optional<Double> statedGap() {
        DataSet measures = groupOrTop(Tag.PIXEL_MEASURES);
        return Arrays.stream(new Tag[] {Tag.SPACING_BETWEEN_SLICES, Tag.SLICE_THICKNESS})
                .map(measures::decimals)
                .filter(values -> values.length > 0 && values[0] > 0)
                .map(values -> values[0])
                .findFirst();
    }
}
