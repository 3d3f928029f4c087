package dev.preceptor.cohort;

import dev.preceptor.base.RandomStreams;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The patients of subjects. A subject is one scan, and scans of one patient resemble each other, so that a model that was trained on
 * one of them has an advantage on the others. These namings say which scans are of one patient:
 *
 * <ul>
 *   <li>BIDS: {@code sub-01_ses-02} is a session of {@code sub-01} (https://bids-specification.readthedocs.io, "Entities");
 *   <li>BraTS since 2023: {@code BraTS-GLI-00005-100} is a time point of {@code BraTS-GLI-00005}, and likewise SSA, MEN, MEN-RT, MET and
 *       PED (https://www.synapse.org/Synapse:syn51156910, https://www.synapse.org/Synapse:syn53708249);
 *   <li>BraTS 2015: {@code brats_tcia_pat260_0244} is a scan of {@code brats_tcia_pat260};
 *   <li>UPENN-GBM: {@code UPENN-GBM-00008_21} is a later scan of {@code UPENN-GBM-00008}
 *       (https://doi.org/10.7937/TCIA.709X-DN49);
 *   <li>a last part that says session, time, timepoint, tp, visit or week and a number: {@code PatientID_0003_Timepoint_2},
 *       {@code 100001_time1}, {@code Patient-001_week-000-1}.
 * </ul>
 *
 * Under any other id a subject is a patient of its own.
 *
 * @param scans ids of the scans of each patient, sorted; patients in the order of their first ids
 */
public record Patients(List<List<String>> scans) {
    private static final List<Pattern> NAMINGS = List.of(
            Pattern.compile("(sub-[^_]+)_ses-.+"),
            Pattern.compile("(BraTS-[A-Za-z]+(?:-RT)?-\\d+)-\\d+"),
            Pattern.compile("(brats_(?:2013|tcia)_pat\\d+)_\\d+"),
            Pattern.compile("(UPENN-GBM-\\d+)_\\d+"),
            Pattern.compile(
                    "(.+?)[_-](?:ses|session|time|timepoint|tp|visit|week)[_-]?\\d+(?:-\\d+)?",
                    Pattern.CASE_INSENSITIVE));

    public Patients {
        scans = scans.stream().map(List::copyOf).toList();
    }

    /** The patients of these subjects. */
    public static Patients of(Collection<String> ids) {
        Map<String, List<String>> byPatient = new TreeMap<>();
        new TreeSet<>(ids)
                .forEach(id -> byPatient
                        .computeIfAbsent(of(id), patient -> new ArrayList<>())
                        .add(id));
        return new Patients(byPatient.values().stream()
                .sorted(Comparator.comparing(scans -> scans.get(0)))
                .toList());
    }

    /** The patient of a subject: the part of the id that all scans of the patient share. */
    public static String of(String id) {
        for (Pattern naming : NAMINGS) {
            Matcher name = naming.matcher(id);
            if (name.matches()) {
                return name.group(1);
            }
        }
        return id;
    }

    /** Those of the subjects that are of other patients than {@code excluded}, in their order. */
    public static List<String> others(Collection<String> ids, Collection<String> excluded) {
        Set<String> patients = excluded.stream().map(Patients::of).collect(Collectors.toSet());
        return ids.stream().filter(id -> !patients.contains(of(id))).toList();
    }

    /** The number of patients. */
    public int count() {
        return scans.size();
    }

    /**
     * The number of subjects, and that of patients if it differs.
     *
     * @param subjects what the subjects are called
     * @return {@code 5 subjects} or {@code 12 subjects of 5 patients}
     */
    public String counted(String subjects) {
        return subjects() + " " + subjects
                + (subjects() == count() ? "" : " of " + count() + (count() == 1 ? " patient" : " patients"));
    }

    private int subjects() {
        return scans.stream().mapToInt(List::size).sum();
    }

    /** A warning about statistics over scores of the subjects; empty if each is of a patient of its own. */
    public Optional<String> dependence() {
        return subjects() == count()
                ? Optional.empty()
                : Optional.of(counted("scored subjects")
                        + ": means, intervals and tests count each scan as a patient of its own, so that intervals can be too"
                        + " narrow");
    }

    /**
     * The scans of each patient, with the patients in random order. Where each patient has one scan, the order is that of
     * {@link RandomStreams#shuffled} over the ids.
     */
    public List<List<String>> shuffled(RandomStreams random, String purpose) {
        Map<String, List<String>> byFirst =
                scans.stream().collect(Collectors.toMap(own -> own.get(0), Function.identity()));
        return random.shuffled(byFirst.keySet(), purpose).stream()
                .map(byFirst::get)
                .toList();
    }
}
