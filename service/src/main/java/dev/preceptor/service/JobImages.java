package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.DicomSubjects;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.cohort.SeriesChoice;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds the images of a job in the folder of its inputs. Stateless, thread-safe. */
final class JobImages {
    private JobImages() {}

    /**
     * The images by sequence.
     *
     * @throws PreceptorException if they are none that the model can segment
     */
    static ImageSet of(Job job, Path folder, ServedModel model) {
        if (job.input().kind() != JobInput.Kind.NIFTI) {
            return series(folder, job.input().sequence(), model);
        }
        Map<Sequence, NiftiImage> images = new TreeMap<>();
        job.input().files().forEach((sequence, file) -> images.put(sequence, NiftiImage.of(folder.resolve(file))));
        return ImageSet.of(job.label(), images);
    }

    /** The series that the headers make certain, or the caller names. */
    private static ImageSet series(Path folder, Optional<Sequence> said, ServedModel model) {
        SeriesChoice choice = new SeriesChoice(said, List.of());
        List<ImageSet> subjects = DicomSubjects.imageSets(
                folder, model.inputs(), model.predictor().takesAnySubset(), choice);
        if (subjects.size() != 1) {
            throw new PreceptorException("the DICOM files are of " + subjects.size() + " studies; send those of one");
        }
        return subjects.get(0);
    }

    /**
     * Refuses DICOM files that are no image for a model, before a job is made of them.
     *
     * @throws PreceptorException as {@link #of}, or if the image has too many voxels
     */
    static void require(Path folder, Optional<Sequence> said, ServedModel model, UploadLimits limits) {
        ImageSet images = series(folder, said, model);
        model.predictor().inputsOf(images);
        requireSmall(images.grid().size(), limits);
    }

    static void requireSmall(Size size, UploadLimits limits) {
        long voxels = (long) size.x() * size.y() * size.z();
        if (voxels > limits.voxels()) {
            throw new PreceptorException("the image has " + voxels + " voxels, more than " + limits.voxels());
        }
    }
}
