package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Decides what the files of an upload are to a model, and refuses what could mean two things. Stateless, thread-safe. */
final class UploadedImages {
    private UploadedImages() {}

    /**
     * The input of a job.
     *
     * @param model which segments
     * @param models all that are served; a part named by a sequence of any of them is taken by its name
     * @param folder of the files
     * @throws PreceptorException if the files are of several kinds, do not say which sequence each of them is, or say another one
     *     than the model takes
     */
    static JobInput of(Upload upload, ServedModel model, List<ServedModel> models, Path folder, UploadLimits limits) {
        Optional<Sequence> sequence = upload.field("sequence").map(name -> sequence(name, model));
        List<ReceivedFile> files =
                upload.files().stream().map(Upload.Part::file).toList();
        upload.files().forEach(part -> requireFitting(part.name(), sequence, model, models));
        for (int i = 0; i < files.size(); i++) {
            requireKnown(files.get(i), i + 1);
        }
        if (files.stream().allMatch(file -> file.kind() == UploadKind.DICOM)) {
            JobImages.require(folder, sequence, model, limits);
            return JobInput.dicom(sequence);
        }
        if (files.size() == 1 && files.get(0).kind() == UploadKind.ZIP) {
            DicomArchive.unpack(files.get(0), folder, limits);
            delete(files.get(0).path());
            JobImages.require(folder, sequence, model, limits);
            return JobInput.dicom(sequence);
        }
        if (files.stream().allMatch(file -> file.kind().isNifti())) {
            return JobInput.nifti(byName(upload, model, sequence, limits));
        }
        throw new PreceptorException(
                "the files are of several kinds; send NIfTI files, the DICOM files of one series, or one zip archive of them");
    }

    /** Refuses a part whose name says that it is another sequence than the one as which it would be segmented. */
    private static void requireFitting(
            String part, Optional<Sequence> said, ServedModel model, List<ServedModel> models) {
        Optional<Sequence> named = Sequence.ofSynonym(part)
                .or(() -> models.stream()
                        .flatMap(each -> known(part, each).stream())
                        .findFirst());
        if (named.isEmpty()) {
            return;
        }
        if (!model.inputs().contains(named.get())) {
            throw new PreceptorException("a part is named " + named.get()
                    + ", a sequence that the model does not take; it takes " + model.inputs());
        }
        if (said.isPresent() && !said.equals(named)) {
            throw new PreceptorException("the field sequence says " + said.get() + ", but a part is named "
                    + named.get() + "; leave out the field, or name the part by the sequence that it is");
        }
    }

    private static void requireKnown(ReceivedFile file, int number) {
        if (file.kind() == UploadKind.XML || file.kind() == UploadKind.OTHER) {
            throw new PreceptorException("file " + number + " is "
                    + (file.kind() == UploadKind.XML ? "XML, not" : "neither") + " a NIfTI file, a DICOM file"
                    + (file.kind() == UploadKind.XML ? " or" : " nor") + " a zip archive of DICOM files");
        }
    }

    private static void delete(Path file) {
        try {
            java.nio.file.Files.delete(file);
        } catch (java.io.IOException e) {
            throw new PreceptorException("the archive cannot be removed", e);
        }
    }

    /** The sequence that a caller names. */
    static Sequence sequence(String name, ServedModel model) {
        return known(name, model)
                .orElseThrow(() -> new PreceptorException(
                        "the sequence is none that the model takes; it takes " + model.inputs()));
    }

    private static Optional<Sequence> known(String name, ServedModel model) {
        if (!name.matches("\\w{1,40}")) {
            return Optional.empty();
        }
        Sequence sequence = Sequence.of(name);
        return model.inputs().contains(sequence) ? Optional.of(sequence) : Optional.empty();
    }

    private static Map<Sequence, String> byName(
            Upload upload, ServedModel model, Optional<Sequence> sequence, UploadLimits limits) {
        Map<Sequence, String> files = new TreeMap<>();
        boolean isOnly = upload.files().size() == 1;
        for (Upload.Part part : upload.files()) {
            JobImages.requireSmall(Nifti.readHeader(part.file().path()).grid().size(), limits);
            Sequence of = isOnly && sequence.isPresent()
                    ? sequence.get()
                    : known(part.name(), model)
                            .or(() -> isOnly && model.inputs().size() == 1
                                    ? Optional.of(model.inputs().get(0))
                                    : Optional.empty())
                            .orElseThrow(
                                    () -> new PreceptorException("which sequence a NIfTI file is must be said: name"
                                            + " its part by one of " + model.inputs()));
            if (files.put(of, part.file().path().getFileName().toString()) != null) {
                throw new PreceptorException("there are two files of " + of);
            }
        }
        model.predictor().inputsAmong(files.keySet());
        return files;
    }
}
