package dev.preceptor.infer;

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
 * ({@code <id>_uncertainty.nii.gz}) as float32. If the image is a
 * NIfTI file, the geometry fields are those of its header, bit for bit; otherwise they are those of its grid.
 */
public final class NiftiSegmentations implements SegmentationWriter {
    @Override
    public boolean namesFile(Path output) {
        return Nifti.isNamed(output);
    }

    @Override
    public List<Path> files(Path output, String id, List<Region> probabilities) {
        Path labels = namesFile(output) ? output : output.resolve(id + ".nii.gz");
        List<Path> files = new ArrayList<>();
        probabilities.forEach(
                region -> files.add(labels.resolveSibling(id + "_prob_" + region.fileName() + ".nii.gz")));
        files.add(labels);
        return files;
    }

    @Override
    public Optional<Path> uncertaintyFile(Path output, String id) {
        Path labels = namesFile(output) ? output : output.resolve(id + ".nii.gz");
        return Optional.of(labels.resolveSibling(id + "_uncertainty.nii.gz"));
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
