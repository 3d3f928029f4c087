package dev.preceptor.benchmarks;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.quality.Guard;
import dev.preceptor.quality.GuardFinding;
import dev.preceptor.quality.GuardFitting;
import dev.preceptor.quality.GuardProfile;
import dev.preceptor.quality.SubjectImages;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Prints how often each guard of a model of T1CE fires for good and for spoiled images, and for labelled and odd lesions: of phantoms that
 * the training did not see, and of real patients, whose guards are fitted to the other patients.
 */
public final class GuardTable {
    private static final String T1CE = Sequence.T1CE.name();

    private GuardTable() {}

    /** Arguments: a cohort for training, one of unseen subjects, and the folder of shared data. */
    public static void main(String[] arguments) {
        if (arguments.length != 3) {
            System.err.println("usage: guards.sh TRAINING UNSEEN SHARED");
            System.exit(2);
        }
        List<Subject> training = subjects(Path.of(arguments[0]));
        List<Subject> unseen = subjects(Path.of(arguments[1]));
        GuardProfile ofPhantoms = fit(training);
        String phantoms = "phantoms, fitted to " + training.size() + " others";
        print(phantoms, unseen, subject -> ofPhantoms);
        printLesions(phantoms, unseen, subject -> ofPhantoms);
        Path data = Path.of(arguments[2]).resolve("data");
        List<Subject> real = new ArrayList<>();
        for (String folder : List.of("brats", "t1ce_flair", "nnunet_t1_flair")) {
            real.addAll(subjects(data.resolve(folder)));
        }
        List<Subject> withT1ce = real.stream()
                .filter(subject -> subject.images().containsKey(Sequence.T1CE))
                .toList();
        Map<String, SubjectImages> reduced = new LinkedHashMap<>();
        real.forEach(subject -> reduced.put(subject.id(), images(subject)));
        Profiles ofOthers = subject -> {
            Map<String, SubjectImages> others = new LinkedHashMap<>(reduced);
            others.remove(subject.id());
            return new GuardFitting(List.of(T1CE), false)
                    .fit(List.copyOf(others.values()))
                    .orElseThrow();
        };
        String patients = "real patients, each fitted to the others";
        print(patients, withT1ce, ofOthers);
        printLesions(patients, withT1ce, ofOthers);
        print("real patients, fitted to phantoms", withT1ce, subject -> ofPhantoms);
    }

    private interface Profiles {
        GuardProfile of(Subject subject);
    }

    private static List<Subject> subjects(Path folder) {
        boolean isBrats = !folder.endsWith("nnunet_t1_flair");
        return Cohort.open(folder, isBrats ? Optional.of(LabelSpace.BRATS_2018) : Optional.empty())
                .subjects();
    }

    private static GuardProfile fit(List<Subject> subjects) {
        return new GuardFitting(List.of(T1CE), false)
                .fit(subjects.stream().map(GuardTable::images).toList())
                .orElseThrow();
    }

    private static SubjectImages images(Subject subject) {
        return SubjectImages.of(
                subject.images().keySet().stream().map(Sequence::name).toList(),
                name -> Optional.of(subject.volume(new Sequence(name))),
                subject.hasLabels() ? Optional.of(subject.labels().foreground()) : Optional.empty());
    }

    /** How often each guard fired for one kind of input. */
    private static final class Row {
        private final Map<Guard, Integer> fired = new EnumMap<>(Guard.class);
        private int count;
        private int anything;
        private int refused;

        void add(List<GuardFinding> findings) {
            count++;
            anything += findings.stream().anyMatch(GuardFinding::fires) ? 1 : 0;
            refused += findings.stream().anyMatch(f -> f.fires() && f.refuses()) ? 1 : 0;
            findings.stream().filter(GuardFinding::fires).forEach(f -> fired.merge(f.guard(), 1, Integer::sum));
        }
    }

    private static void print(String title, List<Subject> subjects, Profiles profiles) {
        Map<String, Row> rows = new TreeMap<>();
        Map<String, Guard> wanted = new LinkedHashMap<>();
        List<String> order = new ArrayList<>();
        for (Subject subject : subjects) {
            GuardProfile profile = profiles.of(subject);
            Volume image = subject.volume(Sequence.T1CE);
            add(rows, order, "T1CE as it is", profile, image);
            for (Sequence other : subject.images().keySet()) {
                if (!other.equals(Sequence.T1CE)) {
                    String name = other.name() + " handed in as T1CE";
                    wanted.put(name, Guard.WRONG_SEQUENCE);
                    add(rows, order, name, profile, subject.volume(other));
                }
            }
            SpoiledInputs.ways().forEach((name, way) -> {
                wanted.put(name, way.guard());
                add(rows, order, name, profile, way.change().apply(image));
            });
        }
        System.out.printf("%n### %s (%d)%n%n", title, subjects.size());
        System.out.println("| input | guard that should fire | fires | any guard | refused | others that fire |");
        System.out.println("|---|---|---:|---:|---:|---|");
        for (String name : order) {
            Row row = rows.get(name);
            Guard guard = wanted.get(name);
            Map<Guard, Integer> others = new EnumMap<>(row.fired);
            others.remove(guard);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %s | %d/%d | %d/%d | %s |%n",
                    name,
                    guard == null ? "none" : guard.label(),
                    guard == null ? "" : row.fired.getOrDefault(guard, 0) + "/" + row.count,
                    row.anything,
                    row.count,
                    row.refused,
                    row.count,
                    others.entrySet().stream()
                            .map(e -> e.getKey().label() + " " + e.getValue())
                            .reduce((a, b) -> a + ", " + b)
                            .orElse(""));
        }
    }

    /** How often the guard of the lesion fires: for those of the labels, and for odd ones. */
    private static void printLesions(String title, List<Subject> subjects, Profiles profiles) {
        Map<String, Row> rows = new LinkedHashMap<>();
        for (Subject subject : subjects) {
            if (subject.hasLabels()) {
                GuardProfile profile = profiles.of(subject);
                Volume image = subject.volume(Sequence.T1CE);
                BitSet labelled = subject.labels().foreground();
                addLesion(rows, "as labelled", profile, image, labelled);
                OddLesions.ways()
                        .forEach((name, way) -> addLesion(rows, name, profile, image, way.apply(labelled, image)));
            }
        }
        System.out.printf("%n### lesions of %s%n%n| lesion | unseen-lesion fires |%n|---|---:|%n", title);
        rows.forEach((name, row) -> System.out.printf("| %s | %d/%d |%n", name, row.anything, row.count));
    }

    private static void addLesion(
            Map<String, Row> rows, String name, GuardProfile profile, Volume image, BitSet lesion) {
        SubjectImages images = SubjectImages.of(List.of(T1CE), sequence -> Optional.of(image), Optional.of(lesion));
        rows.computeIfAbsent(name, n -> new Row())
                .add(profile.checkLesion(images, List.of(T1CE)).stream().toList());
    }

    private static void add(
            Map<String, Row> rows, List<String> order, String name, GuardProfile profile, Volume image) {
        if (!rows.containsKey(name)) {
            order.add(name);
        }
        rows.computeIfAbsent(name, n -> new Row())
                .add(profile.check(SubjectImages.of(List.of(T1CE), sequence -> Optional.of(image))));
    }
}
