package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The DICOM series of a file or of a folder with everything below it: one series, a study, or mixed files in any order and under any
 * names.
 *
 * @param series by study, number and UID
 * @param unused the other files and why they are not used
 */
public record DicomFolder(List<DicomSeries> series, List<Unused> unused) {
    private static final String DIRECTORY = "1.2.840.10008.1.3.10";
    private static final int MAX_FILES = 200_000;
    private static final int MIN_BYTES = 132;
    private static final String REMEDY = "fetch it again";

    public DicomFolder {
        series = List.copyOf(series);
        unused = List.copyOf(unused);
    }

    /**
     * A file that is no slice of a series.
     *
     * @param file the file
     * @param kind what kind of file it is
     * @param reason in one line
     */
    public record Unused(Path file, Kind kind, String reason) {
        /** Why a file is no slice. */
        public enum Kind {
            /** A DICOM file that cannot be read: a slice of one of the series may be lost. */
            DAMAGED,
            /** Another file has the same SOP instance UID. */
            COPY,
            /** A DICOMDIR. */
            DIRECTORY,
            /** No DICOM file, or a DICOM object other than a grey image in space. */
            FOREIGN
        }
    }

    /** A DICOM file at or below a path, by the starts of files; empty if there is none, or the folder cannot be listed. */
    public static Optional<Path> firstFile(Path path) {
        if (!Files.isDirectory(path)) {
            return DicomFile.isDicom(path) ? Optional.of(path) : Optional.empty();
        }
        try (Stream<Path> files = Files.walk(path)) {
            return files.limit(MAX_FILES).filter(DicomFile::isDicom).findFirst();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads the headers of all DICOM files at a path.
     *
     * @param path a file or a folder
     * @throws InvalidFileException if the path cannot be read, or is a damaged file
     */
    public static DicomFolder at(Path path) {
        Scan scan = new Scan();
        if (Files.isDirectory(path)) {
            for (Path file : files(path)) {
                if (DicomFile.isDicom(file)) {
                    scan.addOrList(file);
                } else {
                    scan.unused.add(notDicom(file));
                }
            }
        } else {
            scan.add(path);
        }
        return scan.folder();
    }

    /**
     * One volume of a series whose files are known.
     *
     * @param files of the whole series, as {@link DicomImage#seriesFiles} names them; their headers are read
     * @param selector which of its volumes, see {@link DicomImage#selector}
     * @throws InvalidFileException if a file cannot be read, or is no longer of that series
     */
    public static DicomImage image(List<Path> files, String selector) {
        Scan scan = new Scan();
        files.forEach(scan::add);
        return scan.folder().images().stream()
                .filter(image -> image.selector().equals(selector))
                .findFirst()
                .orElseThrow(() -> new InvalidFileException(
                        files.get(0), "is no longer of the DICOM series " + selector + "; give the command again"));
    }

    /** A file that does not begin as a DICOM file; one that is named as such and ends before it could is damaged. */
    private static Unused notDicom(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean isNamed = !name.startsWith(".") && (name.endsWith(".dcm") || name.endsWith(".ima"));
        return isNamed && file.toFile().length() < MIN_BYTES
                ? new Unused(file, Unused.Kind.DAMAGED, "is too short for a DICOM file: it is truncated")
                : new Unused(file, Unused.Kind.FOREIGN, "is no DICOM file");
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.filter(Files::isRegularFile)
                    .limit(MAX_FILES + 1L)
                    .sorted()
                    .toList();
            if (all.size() > MAX_FILES) {
                throw new InvalidFileException(
                        folder, "holds more than " + MAX_FILES + " files; give the folder of one study");
            }
            return all;
        } catch (IOException e) {
            throw new InvalidFileException(folder, "cannot be read: " + Reason.of(e), e);
        } catch (UncheckedIOException e) {
            throw new InvalidFileException(folder, "cannot be read: " + Reason.of(e.getCause()), e);
        }
    }

    /** Collects slices by series. */
    private static final class Scan {
        final Map<String, List<DicomFrame>> frames = new LinkedHashMap<>();
        final Map<String, List<DicomFile>> withoutSlices = new LinkedHashMap<>();
        final Map<String, String> reasons = new LinkedHashMap<>();
        final Map<String, Path> instances = new LinkedHashMap<>();
        final List<Unused> unused = new ArrayList<>();

        /** Adds a file among others, where a damaged one is listed. */
        void addOrList(Path path) {
            try {
                add(path);
            } catch (InvalidFileException e) {
                String prefix = path + ": ";
                String text = e.getMessage();
                unused.add(new Unused(
                        path, Unused.Kind.DAMAGED, text.startsWith(prefix) ? text.substring(prefix.length()) : text));
            }
        }

        void add(Path path) {
            DicomFile file = DicomFile.read(path).abridged();
            if (file.sopClass().equals(Optional.of(DIRECTORY))) {
                unused.add(new Unused(path, Unused.Kind.DIRECTORY, "is a DICOMDIR, a list of other files"));
                return;
            }
            Optional<String> instance = file.sopInstance();
            Path known = instance.map(uid -> instances.putIfAbsent(uid, path)).orElse(null);
            if (known != null) {
                unused.add(new Unused(
                        path, Unused.Kind.COPY, "is a copy of " + known.getFileName() + ", the same SOP instance UID"));
                return;
            }
            String series = file.dataSet().text(Tag.SERIES_INSTANCE).orElse("");
            try {
                List<DicomFrame> slices = DicomFrame.of(file);
                frames.computeIfAbsent(series, uid -> new ArrayList<>()).addAll(slices);
            } catch (DicomFrame.NotAVolumeException e) {
                withoutSlices.computeIfAbsent(series, uid -> new ArrayList<>()).add(file);
                reasons.putIfAbsent(series, e.getMessage());
                if (frames.containsKey(series)) {
                    unused.add(new Unused(path, Unused.Kind.FOREIGN, e.getMessage()));
                }
            }
        }

        DicomFolder folder() {
            Map<String, DicomSeries> found = new TreeMap<>();
            frames.forEach((uid, slices) -> found.put(key(slices.get(0).file()), DicomSeries.of(slices)));
            withoutSlices.forEach((uid, files) -> {
                if (!frames.containsKey(uid)) {
                    found.put(key(files.get(0)), DicomSeries.unusable(files.get(0), files.size(), reasons.get(uid)));
                }
            });
            return new DicomFolder(List.copyOf(found.values()), unused);
        }

        private static String key(DicomFile file) {
            DataSet header = file.dataSet();
            String number = header.text(Tag.SERIES_NUMBER).orElse("");
            return header.text(Tag.STUDY_INSTANCE).orElse("")
                    + "\0" + "0".repeat(Math.max(0, 12 - number.length())) + number
                    + "\0" + header.text(Tag.SERIES_INSTANCE).orElse("");
        }
    }

    /**
     * Refuses a folder with a damaged file: it may be the first or the last slice of any series, whose volume is even without it.
     *
     * @throws InvalidFileException that names the file
     */
    public void requireWhole() {
        List<Unused> damaged = unused.stream()
                .filter(file -> file.kind() == Unused.Kind.DAMAGED)
                .toList();
        if (damaged.isEmpty()) {
            return;
        }
        String reason = damaged.get(0).reason();
        throw new InvalidFileException(
                damaged.get(0).file(),
                reason
                        + (reason.contains(REMEDY) ? "" : "; " + REMEDY)
                        + (damaged.size() > 1 ? " (and " + (damaged.size() - 1) + " more damaged files)" : ""));
    }

    /** All volumes of all series. */
    public List<DicomImage> images() {
        return series.stream().flatMap(one -> one.images().stream()).toList();
    }
}
