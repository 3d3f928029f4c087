package dev.preceptor.infer;

import dev.preceptor.base.NiftiName;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes label maps as uint8 ({@code <id>.nii.gz}), probabilities ({@code <id>_prob_WT.nii.gz}) and uncertainty
 * ({@code <id>_uncertainty.nii.gz}) as float32; where the output is a file, its name stands in place of the id. If the image is a
 * NIfTI file, the geometry fields are those of its header, bit for bit; otherwise they are those of its grid.
 */
public final class NiftiSegmentations implements SegmentationWriter {
    @Override
    public boolean namesFile(Path output) {
        return Nifti.isNamed(output);
    }

    @Override
    public List<Path> files(Path output, String id, List<Region> probabilities) {
        Path labels = labels(output, id);
        List<Path> files = new ArrayList<>();
        probabilities.forEach(region -> files.add(beside(labels, "_prob_" + region.fileName())));
        files.add(labels);
        return files;
    }

    private Path labels(Path output, String id) {
        return namesFile(output) ? output : output.resolve(id + ".nii.gz");
    }

    private static Path beside(Path labels, String ending) {
        return labels.resolveSibling(NiftiName.stem(labels) + ending + ".nii.gz");
    }

    @Override
    public Optional<Path> uncertaintyFile(Path output, String id) {
        return Optional.of(beside(labels(output, id), "_uncertainty"));
    }

    @Override
    public void writeUncertainty(Prediction prediction, Provenance provenance, Path file) {
        write(file, new Volume(provenance.grid(), prediction.uncertainty().voxels()), provenance);
    }

    @Override
    public void write(Prediction prediction, Provenance provenance, List<Region> probabilities, List<Path> files) {
        Grid grid = provenance.grid();
        for (int i = 0; i < probabilities.size(); i++) {
            Volume volume = prediction.probability(probabilities.get(i));
            write(files.get(i), new Volume(grid, volume.voxels()), provenance);
        }
        LabelMap labels = prediction.labels();
        write(files.get(files.size() - 1), new LabelMap(grid, labels.voxels(), labels.schema()), provenance);
    }

    private static void write(Path file, Volume volume, Provenance provenance) {
        if (provenance instanceof NiftiHeader header) {
            Nifti.write(file, volume, header);
        } else {
            Nifti.write(file, volume);
        }
    }

    private static void write(Path file, LabelMap labels, Provenance provenance) {
        if (provenance instanceof NiftiHeader header) {
            Nifti.write(file, labels, header);
        } else {
            Nifti.write(file, labels);
        }
    }
}
