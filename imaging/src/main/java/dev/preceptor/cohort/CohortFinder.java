package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Tells the layouts apart. */
final class CohortFinder {
    private CohortFinder() {}

    static Cohort open(Path folder, Optional<LabelSchema> given) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidCohortException(folder + ": "
                    + (Files.exists(folder) ? "is a file, not the folder of a cohort" : "no such folder"));
        }
        List<Path> described = DatasetJson.filesAt(folder);
        if (described.size() == 1) {
            return DatasetJson.read(described.get(0), given).cohort();
        }
        if (described.size() > 1) {
            throw new InvalidCohortException(folder + ": holds several data sets ("
                    + described.get(0).getParent() + ", " + described.get(1).getParent() + "); name one of them");
        }
        List<BratsFolders.Found> found = BratsFolders.below(folder).stream()
                .filter(f -> !f.images().isEmpty())
                .toList();
        if (found.isEmpty()) {
            throw new InvalidCohortException(
                    folder + ": no subject found; expected folders of <id>_t1ce.nii.gz (BraTS to"
                            + " 2021) or <id>-t1c.nii.gz (BraTS 2023), or the dataset.json of MSD or nnU-Net");
        }
        SchemaDecision decision = given.map(SchemaDecision::asGiven)
                .orElseGet(() -> SchemaDecision.forFiles(
                        folder,
                        found.stream().map(BratsFolders.Found::id).toList(),
                        found.stream().flatMap(f -> f.labels().stream()).toList()));
        List<Subject> subjects = found.stream()
                .map(f -> new Subject(f.id(), f.images(), f.labels(), decision.schema()))
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
        String name = folder.toAbsolutePath().normalize().getFileName().toString();
        return new Cohort(name, folder, Layout.BRATS, decision.schema(), decision.reason(), subjects);
    }
}
