package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.HeadSize;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One volume of a DICOM series. Headers are held, pixels are read by each {@link #read()}. Two are equal if series, volume and files
 * are.
 */
public final class DicomImage implements ImageSource {
    private final String series;
    private final int number;
    private final String name;
    private final String distinction;
    private final SliceStack stack;
    private final List<Path> seriesFiles;

    DicomImage(String series, int number, String name, String distinction, SliceStack stack, List<Path> seriesFiles) {
        this.series = series;
        this.number = number;
        this.name = name;
        this.distinction = distinction;
        this.stack = stack;
        this.seriesFiles = seriesFiles;
    }

    /** The UID of its series. */
    public String series() {
        return series;
    }

    /** What tells it from other volumes of its series, such as "echo time 90"; empty if it is the only one. */
    public String distinction() {
        return distinction;
    }

    /** How unevenly slices are spaced, where that is worth a word. */
    @Override
    public Optional<String> note() {
        return stack.note();
    }

    /** Why the slices are no volume, in one line; then {@link #read()} and {@link #grid()} refuse it. */
    public Optional<String> problem() {
        return stack.problem();
    }

    /** The header of the first slice, restricted to the elements of {@link Tag}. */
    public DataSet header() {
        return stack.frames().get(0).file().dataSet();
    }

    /** The first slice, whose functional groups describe the volume. */
    DicomFrame firstFrame() {
        return stack.frames().get(0);
    }

    /**
     * Decodes the slices one after the other.
     *
     * @throws InvalidFileException if slices are missing or unevenly spaced, or pixels are damaged or in a transfer syntax that cannot be
     *     read, with the remedy
     */
    @Override
    public Volume read() {
        Grid grid = grid();
        stack.frames().forEach(frame -> FrameDecoder.requireReadable(frame.file()));
        int pixels = grid.size().x() * grid.size().y();
        float[] voxels = new float[grid.size().voxels()];
        FrameDecoder open = null;
        DicomFile opened = null;
        try {
            for (int z = 0; z < stack.frames().size(); z++) {
                DicomFrame frame = stack.frames().get(z);
                if (frame.file() != opened) {
                    if (open != null) {
                        open.close();
                    }
                    open = null;
                    open = FrameDecoder.open(frame.file());
                    opened = frame.file();
                }
                long[] stored = open.decode(frame.index());
                for (int i = 0; i < pixels; i++) {
                    voxels[z * pixels + i] = (float) (stored[i] * frame.slope() + frame.intercept());
                }
            }
        } finally {
            if (open != null) {
                open.close();
            }
        }
        return new Volume(grid, voxels);
    }

    @Override
    public Grid grid() {
        stack.problem().ifPresent(problem -> {
            throw new InvalidFileException(files().get(0), "the series of this file cannot be used: " + problem);
        });
        return stack.grid();
    }

    @Override
    public DicomProvenance provenance() {
        Grid grid = grid();
        List<DicomProvenance.Slice> slices = new ArrayList<>();
        for (DicomFrame frame : stack.frames()) {
            DicomFile file = frame.file();
            slices.add(new DicomProvenance.Slice(
                    file.sopClass().orElse(""),
                    file.sopInstance().orElse(""),
                    frame.index() + 1,
                    file.dataSet().integer(Tag.NUMBER_OF_FRAMES).orElse(1),
                    frame.position().clone()));
        }
        return new DicomProvenance(grid, header(), slices);
    }

    @Override
    public Optional<String> geometryProblem() {
        return HeadSize.problem(grid());
    }

    /** The files of its slices, each once, in the order of the slices. */
    @Override
    public List<Path> files() {
        return stack.frames().stream()
                .map(frame -> frame.file().path())
                .distinct()
                .toList();
    }

    /** The files of all volumes of its series, from which {@link DicomFolder#image} makes this image again. */
    public List<Path> seriesFiles() {
        return seriesFiles;
    }

    /** The UID of the series, and which of its volumes from 1 if it has several: what {@code --series} takes. */
    @Override
    public String selector() {
        return number == 0 ? series : series + ":" + number;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DicomImage image
                && selector().equals(image.selector())
                && files().equals(image.files());
    }

    @Override
    public int hashCode() {
        return selector().hashCode();
    }

    /** The number and description of the series, and what tells the volume from others. */
    @Override
    public String toString() {
        return distinction.isEmpty() ? name : name + ", " + distinction;
    }
}
