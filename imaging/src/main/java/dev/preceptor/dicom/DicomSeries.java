package dev.preceptor.dicom;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A series: the files of one series UID, as volumes. Slices of another orientation, size or spacing are another volume, and so are slices
 * at repeated positions; which of several is meant is never guessed.
 *
 * @param uid the series instance UID
 * @param study the study instance UID; empty if it has none
 * @param name number and description, for messages: never a patient's name
 * @param modality such as MR
 * @param files how many files it has
 * @param images its volumes
 * @param problem why it has none, in one line
 */
public record DicomSeries(
        String uid,
        String study,
        String name,
        String modality,
        int files,
        List<DicomImage> images,
        Optional<String> problem) {
    /** Each slice is compared with all groups; radial series have dozens. */
    private static final int MAX_GROUPS = 256;

    public DicomSeries {
        images = List.copyOf(images);
    }

    /**
     * The series of slices that share a UID.
     *
     * @param frames of one series, at least one
     */
    static DicomSeries of(List<DicomFrame> frames) {
        DicomFile first = frames.get(0).file();
        List<Path> files =
                frames.stream().map(frame -> frame.file().path()).distinct().toList();
        List<DicomImage> images = new ArrayList<>();
        Optional<String> problem = Optional.empty();
        String uid = first.dataSet().text(Tag.SERIES_INSTANCE).orElse("");
        String name = name(first.dataSet());
        try {
            List<VolumeSplit.Part> parts = new ArrayList<>();
            List<List<DicomFrame>> groups = fitting(frames);
            for (List<DicomFrame> group : groups) {
                for (VolumeSplit.Part part : VolumeSplit.of(group)) {
                    String plane = groups.size() > 1 ? plane(group.get(0)) : "";
                    String both =
                            plane + (plane.isEmpty() || part.distinction().isEmpty() ? "" : ", ") + part.distinction();
                    parts.add(new VolumeSplit.Part(part.frames(), both));
                }
            }
            for (int i = 0; i < parts.size(); i++) {
                VolumeSplit.Part part = parts.get(i);
                int number = parts.size() == 1 ? 0 : i + 1;
                images.add(new DicomImage(uid, number, name, part.distinction(), SliceStack.of(part.frames()), files));
            }
        } catch (DicomFrame.NotAVolumeException e) {
            images.clear();
            problem = Optional.of(e.getMessage());
        }
        return new DicomSeries(
                uid,
                first.dataSet().text(Tag.STUDY_INSTANCE).orElse(""),
                name,
                first.dataSet().text(Tag.MODALITY).orElse(""),
                files.size(),
                images,
                problem);
    }

    /** A series whose files are no slices. */
    static DicomSeries unusable(DicomFile first, int files, String problem) {
        DataSet header = first.dataSet();
        return new DicomSeries(
                header.text(Tag.SERIES_INSTANCE).orElse(""),
                header.text(Tag.STUDY_INSTANCE).orElse(""),
                name(header),
                header.text(Tag.MODALITY).orElse(""),
                files,
                List.of(),
                Optional.of(problem));
    }

    static String name(DataSet header) {
        Optional<String> number = header.text(Tag.SERIES_NUMBER);
        Optional<String> description = header.text(Tag.SERIES_DESCRIPTION).or(() -> header.text(Tag.PROTOCOL_NAME));
        return "series"
                + number.map(text -> " " + text).orElse("")
                // A quote inside would end the description for those who remove it from a message.
                + description
                        .map(text -> " \"" + text.replace('"', '\'') + "\"")
                        .orElse("");
    }

    private static List<List<DicomFrame>> fitting(List<DicomFrame> frames) throws DicomFrame.NotAVolumeException {
        Map<DicomFrame, List<DicomFrame>> groups = new LinkedHashMap<>();
        for (DicomFrame frame : frames) {
            DicomFrame key =
                    groups.keySet().stream().filter(frame::fits).findFirst().orElse(frame);
            groups.computeIfAbsent(key, first -> new ArrayList<>()).add(frame);
            if (groups.size() > MAX_GROUPS) {
                throw new DicomFrame.NotAVolumeException("has slices of more than " + MAX_GROUPS
                        + " orientations, sizes and spacings, which are no volumes; give another series");
            }
        }
        return List.copyOf(groups.values());
    }

    /** The plane and size of slices, which tells the parts of a localiser from each other. */
    private static String plane(DicomFrame frame) {
        double[] normal = frame.normal();
        int axis = 0;
        for (int i = 1; i < 3; i++) {
            if (Math.abs(normal[i]) > Math.abs(normal[axis])) {
                axis = i;
            }
        }
        return List.of("sagittal", "coronal", "axial").get(axis) + " " + frame.columns() + "x" + frame.rows();
    }

    /** The name, and for a series without volumes the reason. */
    @Override
    public String toString() {
        return name + problem.map(reason -> ": " + reason).orElse("");
    }
}
