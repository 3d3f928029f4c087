package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Finds the images of a job in the folder of its inputs. Stateless, thread-safe. */
final class JobImages {
    private JobImages() {}

    /**
     * The images by sequence.
     *
     * @throws PreceptorException if they are no series that the model can segment
     */
    static ImageSet of(Job job, Path folder, ServedModel model) {
        if (job.input().kind() != JobInput.Kind.NIFTI) {
            throw new PreceptorException("DICOM is not read yet");
        }
        Map<Sequence, NiftiImage> images = new TreeMap<>();
        job.input().files().forEach((sequence, file) -> images.put(sequence, NiftiImage.of(folder.resolve(file))));
        return ImageSet.of(job.label(), images);
    }
}
