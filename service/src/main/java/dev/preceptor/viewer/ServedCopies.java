package dev.preceptor.viewer;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.cohort.LabelMapFiles;
import dev.preceptor.nifti.Nifti;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Files that the page cannot read as they are, rewritten for it in a private temporary folder, which is deleted at the end: pairs of header
 * and data file, and what was read from DICOM. For one thread.
 */
public final class ServedCopies implements AutoCloseable {
    private final Path folder;
    private int count;

    private ServedCopies(Path folder) {
        this.folder = folder;
    }

    /** @throws PreceptorException if the folder for temporary files cannot be written */
    public static ServedCopies create() {
        try {
            return new ServedCopies(Files.createTempDirectory("preceptor-view"));
        } catch (IOException e) {
            throw new PreceptorException("no temporary folder can be made: " + Reason.of(e), e);
        }
    }

    /** A new file of the folder. */
    public Path newFile() {
        return folder.resolve(++count + ".nii.gz");
    }

    /** The file of a label map if it is one NIfTI file, else a copy that is. */
    Path servable(LabelOverlay overlay) {
        if (!LabelMapFiles.isDicom(overlay.file())) {
            return servable(overlay.file());
        }
        Path copy = newFile();
        Nifti.write(copy, overlay.labels());
        return copy;
    }

    /** The file itself if it is one NIfTI file, else a copy that is. */
    Path servable(Path file) {
        if (Nifti.files(file).size() == 1) {
            return file.toAbsolutePath();
        }
        Path copy = newFile();
        Nifti.write(copy, Nifti.readVolume(file));
        return copy;
    }

    @Override
    public void close() {
        try (var files = Files.list(folder)) {
            for (Path file : List.copyOf(files.toList())) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // The system clears its folder for temporary files.
            return;
        }
    }
}
