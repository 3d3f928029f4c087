package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.Unfetched;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Detects the layout of a folder and finds its subjects. */
final class CohortFinder {
    private CohortFinder() {}

    static Cohort open(Path folder, Optional<LabelSpace> given, Runnable beforeVoxels, ScanCache cache) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidCohortException(folder + ": "
                    + Unfetched.reason(folder)
                            .orElse(Files.exists(folder) ? "is a file, not the folder of a cohort" : "no such folder"));
        }
        List<Path> descriptions = DatasetJson.filesAt(folder);
        if (descriptions.size() == 1) {
            return DatasetJson.read(descriptions.get(0), given).cohort();
        }
        if (descriptions.size() > 1) {
            throw new InvalidCohortException(
                    folder + ": holds several data sets (" + descriptions.get(0).getParent() + ", "
                            + descriptions.get(1).getParent() + "); name one of them");
        }
        Optional<Path> descriptionAbove = DatasetJson.describing(folder);
        if (descriptionAbove.isPresent()) {
            return DatasetJson.read(descriptionAbove.get(), given).cohort(folder);
        }
        return byNames(folder, given, beforeVoxels, cache);
    }

    private static Cohort byNames(Path folder, Optional<LabelSpace> given, Runnable beforeVoxels, ScanCache cache) {
        SubjectFiles files = SubjectFiles.below(folder);
        List<SubjectFiles.FileGroup> groups = files.groups().stream()
                .filter(SubjectFiles.FileGroup::isSubject)
                .toList();
        List<UnusedFile> unused = new ArrayList<>(files.unused());
        files.groups().stream()
                .filter(group -> !group.isSubject())
                .forEach(group -> group.labels()
                        .ifPresent(file -> unused.add(new UnusedFile(
                                file,
                                "is a label map of " + group.id()
                                        + ", but no image of that subject was found beside it"))));
        unused.sort(Comparator.comparing(UnusedFile::path));
        if (groups.stream().noneMatch(group -> group.faults().folder().isEmpty())) {
            if (groups.isEmpty() && DicomFolder.firstFile(folder).isPresent()) {
                return DicomSubjects.cohort(folder, given, unused);
            }
            throw new InvalidCohortException(folder + ": no subject found; " + expected(groups, unused));
        }
        SchemaDecision decision = given.map(SchemaDecision::asGiven)
                .orElseGet(() -> SchemaDecision.forFiles(
                        folder,
                        groups.stream().map(SubjectFiles.FileGroup::id).toList(),
                        groups.stream()
                                .flatMap(group -> group.labels().stream())
                                .toList(),
                        beforeVoxels,
                        cache));
        List<Subject> subjects = groups.stream()
                .map(group ->
                        new Subject(group.id(), group.images(), group.labels(), decision.schema(), group.faults()))
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
        Path folderName = folder.toAbsolutePath().normalize().getFileName();
        String name = folderName == null ? folder.toString() : folderName.toString();
        CohortLayout layout =
                groups.stream().anyMatch(SubjectFiles.FileGroup::isBids) ? CohortLayout.BIDS : CohortLayout.BRATS;
        return new Cohort(name, folder, layout, decision.schema(), decision.reason(), subjects, unused);
    }

    private static String expected(List<SubjectFiles.FileGroup> groups, List<UnusedFile> unused) {
        if (!groups.isEmpty()) {
            return groups.get(0).faults().lines().get(0);
        }
        String layouts =
                "expected folders of <id>_t1ce.nii.gz (BraTS to 2021) or <id>-t1c.nii.gz (BraTS 2023), BIDS, the"
                        + " dataset.json of MSD or nnU-Net, or folders of DICOM series";
        return unused.isEmpty()
                ? layouts
                : layouts + "; " + unused.size() + " NIfTI files are not used, the first is "
                        + unused.get(0).path().getFileName() + ": "
                        + unused.get(0).reason();
    }
}
