package dev.preceptor.infer;

import dev.preceptor.base.MismatchException;
import dev.preceptor.dicom.DicomProvenance;
import dev.preceptor.dicom.SegmentationAlgorithm;
import dev.preceptor.dicom.SegmentationEncoder;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes DICOM segmentations of a DICOM series: labels in {@code <id>.dcm}, the probabilities of all regions in
 * {@code <id>_prob.dcm} (FRACTIONAL, in steps of 1/255); where the output is a file, its name stands in place of the id. There is none
 * of the uncertainty.
 */
public final class DicomSegmentations implements SegmentationWriter {
    private static final String EXTENSION = ".dcm";

    private final SegmentationType type;
    private final SegmentationEncoder encoder;

    /**
     * @param type of the labels: BINARY or LABELMAP
     * @param algorithm that made the segmentations, with the hashes of its models
     * @param clock of the date of the content
     * @throws IllegalArgumentException if the type is FRACTIONAL, which holds no labels
     */
    public DicomSegmentations(SegmentationType type, SegmentationAlgorithm algorithm, Clock clock) {
        if (type == SegmentationType.FRACTIONAL) {
            throw new IllegalArgumentException("labels are no fractions");
        }
        this.type = type;
        this.encoder = new SegmentationEncoder(algorithm, clock);
    }

    /** A writer of predictions of a predictor: name, version and the hashes of its models say what made them. */
    public static DicomSegmentations of(SegmentationType type, Predictor predictor) {
        SegmentationAlgorithm algorithm = new SegmentationAlgorithm(
                "Preceptor", BuildInfo.VERSION, "models sha256 " + String.join(" ", predictor.modelHashes()));
        return new DicomSegmentations(type, algorithm, Clock.systemDefaultZone());
    }

    @Override
    public String format() {
        return type.name();
    }

    @Override
    public boolean namesFile(Path output) {
        return output.getFileName() != null
                && output.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(EXTENSION);
    }

    @Override
    public List<Path> files(Path output, String id, List<Region> probabilities) {
        Path labels = namesFile(output) ? output : output.resolve(id + EXTENSION);
        return probabilities.isEmpty()
                ? List.of(labels)
                : List.of(labels.resolveSibling(stem(labels) + "_prob" + EXTENSION), labels);
    }

    private static String stem(Path labels) {
        String name = labels.getFileName().toString();
        return name.substring(0, name.length() - EXTENSION.length());
    }

    @Override
    public void requireWritable(Provenance provenance) {
        source(provenance);
    }

    @Override
    public void write(Prediction prediction, Provenance provenance, List<Region> probabilities, List<Path> files) {
        DicomProvenance source = source(provenance);
        LabelMap labels = prediction.labels();
        if (!probabilities.isEmpty()) {
            Map<Region, Volume> volumes = new LinkedHashMap<>();
            probabilities.forEach(region -> volumes.put(
                    region,
                    new Volume(source.grid(), prediction.probability(region).voxels())));
            encoder.writeProbabilities(files.get(0), volumes, labels.schema(), source);
        }
        encoder.write(
                files.get(files.size() - 1),
                new LabelMap(source.grid(), labels.voxels(), labels.schema()),
                source,
                type);
    }

    private static DicomProvenance source(Provenance provenance) {
        if (provenance instanceof DicomProvenance source) {
            return source;
        }
        throw new MismatchException(
                "its image is no DICOM series, and a DICOM segmentation refers to the images of one; give the"
                        + " DICOM series as input, or write NIfTI files with --format nifti");
    }
}
