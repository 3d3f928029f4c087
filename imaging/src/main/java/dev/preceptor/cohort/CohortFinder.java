package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.Unfetched;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Tells the layouts apart. */
final class CohortFinder {
    private CohortFinder() {}

    static Cohort open(Path folder, Optional<LabelSchema> given) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidCohortException(folder + ": "
                    + Unfetched.reason(folder)
                            .orElse(Files.exists(folder) ? "is a file, not the folder of a cohort" : "no such folder"));
        }
        List<Path> described = DatasetJson.filesAt(folder);
        if (described.size() == 1) {
            return DatasetJson.read(described.get(0), given).cohort();
        }
        if (described.size() > 1) {
            throw new InvalidCohortException(folder + ": holds several data sets ("
                    + described.get(0).getParent() + ", " + described.get(1).getParent() + "); name one of them");
        }
        Optional<Path> above = DatasetJson.describing(folder);
        if (above.isPresent()) {
            return DatasetJson.read(above.get(), given).cohort(folder);
        }
        return byNames(folder, given);
    }

    private static Cohort byNames(Path folder, Optional<LabelSchema> given) {
        SubjectFiles files = SubjectFiles.below(folder);
        List<SubjectFiles.Found> found =
                files.found().stream().filter(SubjectFiles.Found::isSubject).toList();
        List<UnusedFile> unused = new ArrayList<>(files.unused());
        files.found().stream()
                .filter(f -> !f.isSubject())
                .forEach(f -> f.labels()
                        .ifPresent(file -> unused.add(new UnusedFile(
                                file, "is a label map of " + f.id() + ", of whom no image is found with it"))));
        unused.sort(Comparator.comparing(UnusedFile::path));
        if (found.stream().noneMatch(f -> f.faults().folder().isEmpty())) {
            throw new InvalidCohortException(folder + ": no subject found; " + expected(found, unused));
        }
        SchemaDecision decision = given.map(SchemaDecision::asGiven)
                .orElseGet(() -> SchemaDecision.forFiles(
                        folder,
                        found.stream().map(SubjectFiles.Found::id).toList(),
                        found.stream().flatMap(f -> f.labels().stream()).toList()));
        List<Subject> subjects = found.stream()
                .map(f -> new Subject(f.id(), f.images(), f.labels(), decision.schema(), f.faults()))
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
        Path last = folder.toAbsolutePath().normalize().getFileName();
        String name = last == null ? folder.toString() : last.toString();
        CohortLayout cohortLayout =
                found.stream().anyMatch(SubjectFiles.Found::isBids) ? CohortLayout.BIDS : CohortLayout.BRATS;
        return new Cohort(name, folder, cohortLayout, decision.schema(), decision.reason(), subjects, unused);
    }

    private static String expected(List<SubjectFiles.Found> found, List<UnusedFile> unused) {
        if (!found.isEmpty()) {
            return found.get(0).faults().lines().get(0);
        }
        String layouts =
                "expected folders of <id>_t1ce.nii.gz (BraTS to 2021) or <id>-t1c.nii.gz (BraTS 2023), BIDS, or the"
                        + " dataset.json of MSD or nnU-Net";
        return unused.isEmpty()
                ? layouts
                : layouts + "; of " + unused.size() + " NIfTI files that are there, "
                        + unused.get(0).path().getFileName() + ": "
                        + unused.get(0).reason();
    }
}
