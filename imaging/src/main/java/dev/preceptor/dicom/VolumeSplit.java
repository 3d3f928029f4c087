package dev.preceptor.dicom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Splits slices with repeated positions into volumes: the times of a dynamic series, the echoes or b-values of a multi-contrast one.
 * Nothing is chosen: every volume is returned with what tells it from the others.
 */
final class VolumeSplit {
    /** Positions nearer than this are one, in millimetres. */
    private static final double SAME = 0.01;

    private VolumeSplit() {}

    /**
     * One volume.
     *
     * @param frames its slices, no two at one position
     * @param distinction what tells it from others at the same positions, such as "echo time 90"; empty if it is the only one
     */
    record Part(List<DicomFrame> frames, String distinction) {}

    private record Criterion(String name, Function<DicomFrame, Optional<Double>> value) {}

    private static final List<Criterion> CRITERIA = List.of(
            new Criterion("temporal position", VolumeSplit::temporalPosition),
            new Criterion(
                    "echo time",
                    frame -> number(frame.groupOrTop(Tag.MR_ECHO), Tag.EFFECTIVE_ECHO_TIME)
                            .or(() -> number(frame.file().dataSet(), Tag.ECHO_TIME))),
            new Criterion("b-value", frame -> number(frame.groupOrTop(Tag.MR_DIFFUSION), Tag.DIFFUSION_B_VALUE)),
            new Criterion("inversion time", frame -> number(frame.file().dataSet(), Tag.INVERSION_TIME)),
            new Criterion("acquisition", frame -> number(frame.file().dataSet(), Tag.ACQUISITION_NUMBER)));

    /**
     * The volumes of slices that fit each other.
     *
     * @throws DicomFrame.NotAVolumeException if positions repeat unevenly, so that slices are missing
     */
    static List<Part> of(List<DicomFrame> frames) throws DicomFrame.NotAVolumeException {
        List<List<DicomFrame>> positions = positions(frames);
        int copies = positions.get(0).size();
        if (copies == 1 && positions.size() == frames.size()) {
            return List.of(new Part(frames, ""));
        }
        int fewest = positions.stream().mapToInt(List::size).min().orElseThrow();
        int most = positions.stream().mapToInt(List::size).max().orElseThrow();
        if (fewest != most) {
            throw new DicomFrame.NotAVolumeException("repeats some positions " + most + " times and others " + fewest
                    + " times: slices are missing, or it mixes several images; fetch the whole series");
        }
        for (Criterion criterion : CRITERIA) {
            Optional<List<Part>> parts = by(criterion, positions);
            if (parts.isPresent()) {
                return parts.get();
            }
        }
        Optional<List<Part>> types = byImageType(positions);
        return types.isPresent() ? types.get() : byInstanceNumber(positions, copies);
    }

    private static List<List<DicomFrame>> positions(List<DicomFrame> frames) {
        double[] normal = frames.get(0).normal();
        List<DicomFrame> sorted = frames.stream()
                .sorted(Comparator.comparingDouble(frame -> frame.along(normal)))
                .toList();
        List<List<DicomFrame>> positions = new ArrayList<>();
        double last = Double.NEGATIVE_INFINITY;
        for (DicomFrame frame : sorted) {
            double at = frame.along(normal);
            if (!(at - last < SAME)) {
                positions.add(new ArrayList<>());
                last = at;
            }
            positions.get(positions.size() - 1).add(frame);
        }
        return positions;
    }

    private static Optional<List<Part>> by(Criterion criterion, List<List<DicomFrame>> positions) {
        return complete(
                new TreeMap<Double, List<DicomFrame>>(),
                criterion.value,
                value -> criterion.name + " " + text(value),
                positions);
    }

    private static Optional<List<Part>> byImageType(List<List<DicomFrame>> positions) {
        return complete(
                new LinkedHashMap<String, List<DicomFrame>>(),
                frame -> Optional.of(String.join("\\", frame.file().dataSet().texts(Tag.IMAGE_TYPE))),
                type -> "image type " + type,
                positions);
    }

    /**
     * The parts by one value, if at every position each of its values stands exactly once.
     *
     * @param parts empty; its order is that of the parts
     * @param positions with equally many frames each
     */
    private static <K> Optional<List<Part>> complete(
            Map<K, List<DicomFrame>> parts,
            Function<DicomFrame, Optional<K>> value,
            Function<K, String> distinction,
            List<List<DicomFrame>> positions) {
        for (List<DicomFrame> position : positions) {
            Set<K> here = new HashSet<>();
            for (DicomFrame frame : position) {
                Optional<K> own = value.apply(frame);
                if (own.isEmpty() || !here.add(own.get())) {
                    return Optional.empty();
                }
                parts.computeIfAbsent(own.get(), key -> new ArrayList<>()).add(frame);
            }
        }
        return parts.size() == positions.get(0).size()
                ? Optional.of(parts.entrySet().stream()
                        .map(part -> new Part(part.getValue(), distinction.apply(part.getKey())))
                        .toList())
                : Optional.empty();
    }

    /** At each position the first, the second... by instance number; frames of one file by their order. */
    private static List<Part> byInstanceNumber(List<List<DicomFrame>> positions, int copies)
            throws DicomFrame.NotAVolumeException {
        List<List<DicomFrame>> parts = new ArrayList<>();
        for (int i = 0; i < copies; i++) {
            parts.add(new ArrayList<>());
        }
        for (List<DicomFrame> position : positions) {
            List<DicomFrame> ordered = position.stream()
                    .sorted(Comparator.comparingInt(VolumeSplit::instance).thenComparingInt(DicomFrame::index))
                    .toList();
            for (int i = 0; i < copies; i++) {
                boolean isTie = i > 0
                        && instance(ordered.get(i)) == instance(ordered.get(i - 1))
                        && ordered.get(i).index() == ordered.get(i - 1).index();
                if (isTie) {
                    throw new DicomFrame.NotAVolumeException(
                            "repeats every position " + copies
                                    + " times and says nowhere which slices belong together; give the series as the scanner made it");
                }
                parts.get(i).add(ordered.get(i));
            }
        }
        List<Part> named = new ArrayList<>();
        for (int i = 0; i < copies; i++) {
            named.add(new Part(parts.get(i), "repetition " + (i + 1) + " by instance number"));
        }
        return named;
    }

    private static int instance(DicomFrame frame) {
        return frame.file().dataSet().integer(Tag.INSTANCE_NUMBER).orElse(0);
    }

    private static Optional<Double> temporalPosition(DicomFrame frame) {
        return number(frame.groupOrTop(Tag.FRAME_CONTENT), Tag.TEMPORAL_POSITION_INDEX)
                .or(() -> number(frame.file().dataSet(), Tag.TEMPORAL_POSITION));
    }

    private static Optional<Double> number(DataSet from, Tag tag) {
        return Arrays.stream(from.decimals(tag)).boxed().findFirst();
    }

    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
