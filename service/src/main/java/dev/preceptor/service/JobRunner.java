package dev.preceptor.service;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.infer.DicomSegmentations;
import dev.preceptor.infer.NiftiSegmentations;
import dev.preceptor.infer.Prediction;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/** Runs one job: reads its images, segments them and writes the result. For any number of threads. */
final class JobRunner {
    /** Shares of a job at which its parts end, as seen on a job of a minute. */
    private static final double READ = 0.1;

    private static final double PREDICTED = 0.9;

    private final JobStore store;
    private final Optional<Pacs> pacs;

    JobRunner(JobStore store, Optional<Pacs> pacs) {
        this.store = store;
        this.pacs = pacs;
    }

    /**
     * Runs a job and writes its output folder, whole or not at all.
     *
     * @throws PreceptorException if its images cannot be segmented
     * @throws Pacs.UnavailableException if its series cannot be fetched now
     */
    JobResult run(Job job, ServedModel model, DoubleConsumer progress) {
        fetch(job);
        Path input = store.input(job.id());
        ImageSet images = JobImages.of(job, input, model);
        List<Sequence> used = model.predictor().inputsOf(images);
        Map<Sequence, Volume> volumes = images.plausibleVolumes(used);
        List<String> warnings = model.predictor().warnings(volumes);
        progress.accept(READ);
        Prediction prediction =
                model.predictor().predict(volumes, share -> progress.accept(READ + (PREDICTED - READ) * share));
        Provenance provenance = images.image(used.get(0)).provenance();
        boolean isDicom = job.input().kind() != JobInput.Kind.NIFTI;
        JobResult result = JobResult.of(prediction, warnings, isDicom);
        AtomicFiles.deleteFolder(store.output(job.id()));
        AtomicFiles.writeFolder(store.output(job.id()), folder -> {
            writeImage(images, used.get(0), volumes.get(used.get(0)), folder.resolve(JobFiles.IMAGE));
            NiftiSegmentations nifti = new NiftiSegmentations();
            nifti.writeUncertainty(prediction, provenance, folder.resolve(JobFiles.UNCERTAINTY));
            nifti.write(prediction, provenance, List.of(), List.of(folder.resolve(JobFiles.LABELS)));
            if (isDicom) {
                DicomSegmentations.of(SegmentationType.BINARY, model.predictor())
                        .write(prediction, provenance, List.of(), List.of(folder.resolve(JobFiles.SEGMENTATION)));
            }
            JsonFiles.write(folder.resolve(JobFiles.RESULT), JobView.result(job, result));
        });
        return result;
    }

    /** A series is fetched once; a job that begins again finds it. */
    private void fetch(Job job) {
        JobInput input = job.input();
        if (input.kind() != JobInput.Kind.PACS
                || Files.exists(store.input(job.id()).resolve(input.series().orElseThrow()))) {
            return;
        }
        AtomicFiles.createFolder(store.input(job.id()));
        pacs.orElseThrow(() -> new PreceptorException("the service has no PACS any more; start it with --pacs"))
                .fetch(input.study().orElseThrow(), input.series().orElseThrow(), store.input(job.id()));
    }

    private static void writeImage(ImageSet images, Sequence sequence, Volume volume, Path file) {
        Path source = images.image(sequence).files().get(0);
        try {
            if (source.toString().endsWith(".nii.gz")) {
                Files.copy(source, file);
            } else if (images.image(sequence).provenance() instanceof NiftiHeader header) {
                Nifti.write(file, volume, header);
            } else {
                Nifti.write(file, volume);
            }
        } catch (IOException e) {
            throw new PreceptorException("the image cannot be copied", e);
        }
    }
}
