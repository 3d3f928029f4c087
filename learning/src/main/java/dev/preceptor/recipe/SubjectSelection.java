package dev.preceptor.recipe;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The subjects of a cohort that a training uses, and why it leaves out the others. Trainings, studies and
 * {@code preceptor cohort --for} all decide it here.
 *
 * @param labelled ids of the subjects with the needed sequences and a label map
 * @param unlabelled ids of the subjects with the needed sequences and no label map, if the method uses them
 * @param leftOut the other subjects, by reason
 */
public record SubjectSelection(List<String> labelled, List<String> unlabelled, List<LeftOut> leftOut) {
    private static final int MOST_NAMED = 5;

    public SubjectSelection {
        labelled = List.copyOf(labelled);
        unlabelled = List.copyOf(unlabelled);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Subjects that a training leaves out for the same reason.
     *
     * @param reason a phrase that follows "subjects", such as {@code without T1, T2}
     * @param subjects ids
     */
    public record LeftOut(String reason, List<String> subjects) {
        public LeftOut {
            subjects = List.copyOf(subjects);
        }

        /** One line: the number of subjects, the reason, and the first ids. */
        public String line() {
            int count = subjects.size();
            String named = String.join(", ", subjects.subList(0, Math.min(MOST_NAMED, count)));
            return count + (count == 1 ? " subject " : " subjects ") + reason + (count == 1 ? " is" : " are")
                    + " left out: " + named + (count > MOST_NAMED ? " and " + (count - MOST_NAMED) + " more" : "");
        }
    }

    /** Selects the subjects of a cohort; none may remain. Reads no file. */
    public static SubjectSelection of(Cohort cohort, TrainingNeeds needs) {
        List<String> labelled = new ArrayList<>();
        List<String> unlabelled = new ArrayList<>();
        Map<String, List<String>> leftOut = new LinkedHashMap<>();
        for (Subject subject : cohort.subjects()) {
            String lack = lack(subject, needs.sequences());
            boolean isLabelled =
                    subject.hasLabels() || subject.faults().labels().isPresent();
            String reason = !lack.isEmpty()
                    ? lack
                    : isLabelled || needs.usesUnlabelled()
                            ? ""
                            : "without a label map, which " + needs.method() + " does not use,";
            if (!reason.isEmpty()) {
                leftOut.computeIfAbsent(reason, k -> new ArrayList<>()).add(subject.id());
            } else {
                (isLabelled ? labelled : unlabelled).add(subject.id());
            }
        }
        return new SubjectSelection(
                labelled,
                unlabelled,
                leftOut.entrySet().stream()
                        .map(entry -> new LeftOut(entry.getKey(), entry.getValue()))
                        .toList());
    }

    private static String lack(Subject subject, List<SequenceNeed> needs) {
        TreeSet<Sequence> each = new TreeSet<>();
        List<String> any = new ArrayList<>();
        for (SequenceNeed need : needs) {
            List<Sequence> missing = need.lackedBy(subject);
            if (need.all() || need.sequences().size() == 1) {
                each.addAll(missing);
            } else if (!missing.isEmpty()) {
                any.add("without any of " + need.text());
            }
        }
        if (!each.isEmpty()) {
            return "without " + SequenceNeed.text(List.copyOf(each));
        }
        return any.isEmpty() ? "" : any.get(0);
    }

    /**
     * Refuses a cohort without a labelled subject that the training can use.
     *
     * @throws InvalidCohortException that names the network and the sequences that no subject has
     */
    public void requireLabelled(Cohort cohort, TrainingNeeds needs) {
        if (!labelled.isEmpty()) {
            return;
        }
        List<Sequence> found = cohort.sequences();
        for (SequenceNeed need : needs.sequences()) {
            List<Sequence> absent = need.sequences().stream()
                    .filter(sequence -> !found.contains(sequence))
                    .toList();
            if (need.all()
                    ? !absent.isEmpty()
                    : absent.size() == need.sequences().size()) {
                throw new InvalidCohortException("no subject of " + cohort.root() + " has "
                        + SequenceNeed.text(absent) + ", which the " + need.network() + " of the recipe needs; it has "
                        + SequenceNeed.text(found) + ": choose sequences from these");
            }
        }
        boolean isAnyLabelled = cohort.subjects().stream().anyMatch(Subject::hasLabels);
        throw new InvalidCohortException(
                isAnyLabelled
                        ? "no subject of " + cohort.root()
                                + " has a label map and every sequence that the recipe needs ("
                                + SequenceNeed.text(needs.sequences().stream()
                                        .flatMap(need -> need.sequences().stream())
                                        .distinct()
                                        .toList())
                                + "); \"preceptor cohort\" shows what each has"
                        : "no subject of " + cohort.root()
                                + " has a label map; a training needs labelled subjects, not only others");
    }

    /** All subjects that the training reads. */
    public List<String> used() {
        return Stream.concat(labelled.stream(), unlabelled.stream()).sorted().toList();
    }
}
