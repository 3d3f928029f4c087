package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.DicomImage;
import dev.preceptor.dicom.DicomSeries;
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
            Sequence sequence = sequence(job.input().sequence(), model);
            return ImageSet.of(job.label(), Map.of(sequence, series(folder)));
        }
        Map<Sequence, NiftiImage> images = new TreeMap<>();
        job.input().files().forEach((sequence, file) -> images.put(sequence, NiftiImage.of(folder.resolve(file))));
        return ImageSet.of(job.label(), images);
    }

    /** What a series is: what the caller says, or else the only sequence of the model. */
    private static Sequence sequence(Optional<Sequence> said, ServedModel model) {
        if (said.isEmpty() && model.inputs().size() > 1) {
            throw new PreceptorException("the model takes " + model.inputs()
                    + ", and which of them the series is must be said: add the field sequence");
        }
        return said.orElseGet(() -> model.inputs().get(0));
    }

    /**
     * The only image of the DICOM files in a folder.
     *
     * @throws PreceptorException if there is none, or several
     */
    private static DicomImage series(Path folder) {
        List<DicomSeries> all = DicomFolder.at(folder).series();
        List<DicomImage> images =
                all.stream().flatMap(series -> series.images().stream()).toList();
        if (images.size() > 1 || all.size() > 1) {
            throw new PreceptorException("the DICOM files are " + images.size() + " volumes of " + all.size()
                    + " series; send the files of one volume");
        }
        if (images.isEmpty()) {
            throw new PreceptorException(all.stream()
                    .flatMap(series -> series.problem().stream())
                    .findFirst()
                    .orElse("the DICOM files hold no image"));
        }
        DicomImage image = images.get(0);
        image.problem().ifPresent(problem -> {
            throw new PreceptorException("the series cannot be used: " + problem);
        });
        return image;
    }

    /**
     * Refuses DICOM files that are no image for a model, before a job is made of them.
     *
     * @throws PreceptorException as {@link #of}, or if the image has too many voxels
     */
    static void require(Path folder, Optional<Sequence> said, ServedModel model, UploadLimits limits) {
        Sequence sequence = sequence(said, model);
        requireSmall(series(folder).grid().size(), limits);
        model.predictor().inputsAmong(List.of(sequence));
    }

    static void requireSmall(Size size, UploadLimits limits) {
        long voxels = (long) size.x() * size.y() * size.z();
        if (voxels > limits.voxels()) {
            throw new PreceptorException("the image has " + voxels + " voxels, more than " + limits.voxels());
        }
    }
}
