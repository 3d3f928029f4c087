package dev.preceptor.dicomweb;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicom.Tag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files that may be stored in a PACS.
 *
 * @param instances DICOM files, at least one
 * @param others files in the folders that are no instances, such as a text or a DICOMDIR
 */
public record LocalInstances(List<LocalInstance> instances, List<Path> others) {
    public LocalInstances {
        instances = List.copyOf(instances);
        others = List.copyOf(others);
    }

    /**
     * Reads the headers of files, and of all files in folders and the folders below.
     *
     * @param inputs files, which must be DICOM instances, and folders
     * @throws PreceptorException if an input does not exist or cannot be read, a file is no instance, or a DICOM file is
     *     damaged, or if there is no instance at all
     */
    public static LocalInstances at(List<Path> inputs) {
        List<LocalInstance> instances = new ArrayList<>();
        List<Path> others = new ArrayList<>();
        for (Path input : inputs) {
            if (!Files.isDirectory(input)) {
                instances.add(instance(DicomFile.read(input)));
                continue;
            }
            int before = instances.size();
            for (Path file : files(input)) {
                if (isInstance(file)) {
                    instances.add(instance(DicomFile.read(file)));
                } else {
                    others.add(file);
                }
            }
            if (instances.size() == before) {
                throw new PreceptorException(input + ": has no DICOM file");
            }
        }
        return new LocalInstances(instances, others);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot be read: " + Reason.of(e), e);
        } catch (UncheckedIOException e) {
            throw new PreceptorException(folder + ": cannot be read: " + Reason.of(e.getCause()), e);
        }
    }

    /** A directory of a medium (DICOMDIR) is a DICOM file, but of no study. */
    private static boolean isInstance(Path file) {
        return DicomFile.isDicom(file) && !DicomFile.read(file).dataSet().contains(Tag.DIRECTORY_RECORDS);
    }

    private static LocalInstance instance(DicomFile file) {
        if (!file.meta().contains(Tag.MEDIA_STORAGE_SOP_INSTANCE)) {
            throw new InvalidFileException(
                    file.path(),
                    "cannot be stored, because it has no File Meta Information, which names its transfer syntax; dcmconv"
                            + " of DCMTK adds it");
        }
        return new LocalInstance(
                file.path(),
                size(file.path()),
                file.dataSet().text(Tag.STUDY_INSTANCE).orElse(""),
                file.dataSet().text(Tag.SERIES_INSTANCE).orElse(""),
                file.sopInstance().orElse(""));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be read: " + Reason.of(e), e);
        }
    }
}
