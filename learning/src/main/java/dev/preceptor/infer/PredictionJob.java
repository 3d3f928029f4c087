package dev.preceptor.infer;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.ImageFile;
import dev.preceptor.cohort.Subject;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Segments the subjects at a path and writes label maps (uint8, in the geometry of the input's header): a file for a file
 * or a subject, {@code <id>.nii.gz} for each subject into a folder. Everything that can be checked before the first subject
 * is, the place of the outputs too; each output is written whole or not at all.
 *
 * @param input a NIfTI file, for a model of one sequence, or a folder of one or many subjects in any layout
 * @param output a NIfTI file, or a folder; a name without a NIfTI ending is a folder
 * @param probabilities whether {@code <id>_prob_WT.nii.gz} and so on are written beside the label maps, as float32
 * @param sequence which sequence an input file is, whatever its name says
 */
public record PredictionJob(Path input, Path output, boolean probabilities, Optional<Sequence> sequence) {
    /** The name of an input file says which sequence it is. */
    public PredictionJob(Path input, Path output, boolean probabilities) {
        this(input, output, probabilities, Optional.empty());
    }

    /**
     * One subject that has been segmented and written.
     *
     * @param id the subject
     * @param labels where the label map lies
     * @param number which one this is, from 1
     * @param total how many there are
     */
    public record Done(String id, Path labels, int number, int total) {}

    /** Hears of each subject after its files were written. */
    @FunctionalInterface
    public interface Listener {
        void onDone(Done done);
    }

    /**
     * Segments all subjects.
     *
     * @throws PreceptorException if the input does not fit the model or the output cannot be written
     */
    public List<Done> run(Predictor predictor, Listener listener) {
        List<Subject> subjects = PredictionInput.at(input, predictor.inputs(), sequence);
        requireDistinct(subjects);
        boolean single = isNifti(output);
        if (single && subjects.size() > 1) {
            throw new MismatchException(output + ": there are " + subjects.size() + " subjects at " + input
                    + "; name a folder for their label maps");
        }
        requireWritable(single ? output.toAbsolutePath().getParent() : output);
        for (Subject subject : subjects) {
            requireNoInput(labelsOf(subject, single), subject);
        }
        List<Done> all = new ArrayList<>();
        for (Subject subject : subjects) {
            Path labels = labelsOf(subject, single);
            predict(predictor, subject, labels);
            Done done = new Done(subject.id(), labels, all.size() + 1, subjects.size());
            all.add(done);
            listener.onDone(done);
        }
        return List.copyOf(all);
    }

    private void predict(Predictor predictor, Subject subject, Path labels) {
        Prediction prediction;
        try {
            prediction = predictor.predict(subject.volumes(predictor.inputs()));
        } catch (MismatchException e) {
            throw new MismatchException("subject " + subject.id() + ": " + e.getMessage());
        }
        // The images of a subject may differ in their headers by less than a voxel; outputs follow the model's first
        // one.
        NiftiHeader header = subject.image(predictor.inputs().get(0)).header();
        Grid grid = header.grid();
        if (probabilities) {
            for (Region region : Region.BRATS) {
                Volume probability =
                        new Volume(grid, prediction.probability(region).voxels());
                Nifti.write(labels.resolveSibling(subject.id() + "_prob_" + region + ".nii.gz"), probability, header);
            }
        }
        // Last, so that a label map says that its subject is complete.
        LabelMap map = prediction.labels();
        Nifti.write(labels, new LabelMap(grid, map.voxels(), map.schema()), header);
    }

    private Path labelsOf(Subject subject, boolean single) {
        return single ? output : output.resolve(subject.id() + ".nii.gz");
    }

    private static void requireNoInput(Path labels, Subject subject) {
        Stream.concat(subject.images().values().stream().map(ImageFile::path), subject.labelFile().stream())
                .filter(file -> isSame(file, labels))
                .findFirst()
                .ifPresent(file -> {
                    throw new MismatchException(labels + ": is a file of subject " + subject.id()
                            + " and would be overwritten; name another place with --out");
                });
    }

    private static boolean isSame(Path file, Path other) {
        try {
            return Files.exists(other) && Files.isSameFile(file, other);
        } catch (IOException e) {
            return file.toAbsolutePath()
                    .normalize()
                    .equals(other.toAbsolutePath().normalize());
        }
    }

    private static void requireDistinct(List<Subject> subjects) {
        Set<String> seen = new HashSet<>();
        for (Subject subject : subjects) {
            if (!seen.add(subject.id())) {
                throw new MismatchException(
                        "subject " + subject.id() + " is there twice; its outputs would overwrite each other");
            }
        }
    }

    private static boolean isNifti(Path file) {
        return file.getFileName() != null
                && file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.(nii|hdr|img)(\\.gz)?");
    }

    /** Makes the folder and tries it with a file of its own: permissions alone do not tell on every file system. */
    private static void requireWritable(Path folder) {
        AtomicFiles.createFolder(folder);
        try {
            Files.delete(Files.createTempFile(folder, ".preceptor-", ".part"));
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot write into this folder: " + AtomicFiles.reason(e), e);
        }
    }
}
