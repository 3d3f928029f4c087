package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.base.RandomStreams;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatientsTest {
    @ParameterizedTest
    @CsvSource({
        "sub-01_ses-02, sub-01",
        "sub-01_ses-preop, sub-01",
        "sub-01, sub-01",
        "BraTS-GLI-00005-100, BraTS-GLI-00005",
        "BraTS-SSA-00002-000, BraTS-SSA-00002",
        "BraTS-MEN-00004-001, BraTS-MEN-00004",
        "BraTS-MET-00086-000, BraTS-MET-00086",
        "BraTS-PED-00001-000, BraTS-PED-00001",
        "BraTS-MEN-RT-0001-1, BraTS-MEN-RT-0001",
        "brats_tcia_pat260_0244, brats_tcia_pat260",
        "brats_2013_pat0001_1, brats_2013_pat0001",
        "UPENN-GBM-00008_21, UPENN-GBM-00008",
        "PatientID_0003_Timepoint_2, PatientID_0003",
        "100001_time1, 100001",
        "Patient-001_week-000-1, Patient-001",
        "P7-visit-2, P7",
        "study_sub-01_ses-02, study_sub-01",
    })
    void namingsSayWhichScansAreOfOnePatient(String id, String patient) {
        assertEquals(patient, Patients.of(id));
    }

    @ParameterizedTest
    @CsvSource({
        "BraTS-GoAT-00001",
        "BraTS2021_00001",
        "BraTS20_Training_001",
        "Brats18_CBICA_AAB_1",
        "BRATS_001",
        "P01-2",
        "trial_week1_P03",
        "bedtime1",
        "visit_2",
    })
    void underAnyOtherIdASubjectIsAPatientOfItsOwn(String id) {
        assertEquals(id, Patients.of(id));
    }

    @Test
    void scansAreGroupedInTheOrderOfTheirIds() {
        Patients patients = Patients.of(List.of("sub-2_ses-1", "sub-10_ses-1", "sub-1", "sub-2_ses-0", "sub-1_ses-3"));
        assertEquals(
                List.of(
                        List.of("sub-1", "sub-1_ses-3"),
                        List.of("sub-10_ses-1"),
                        List.of("sub-2_ses-0", "sub-2_ses-1")),
                patients.scans());
        assertEquals("5 subjects of 3 patients", patients.counted("subjects"));
        assertEquals(
                "2 scans of 1 patient",
                Patients.of(List.of("sub-1", "sub-1_ses-1")).counted("scans"));
        assertEquals("2 subjects", Patients.of(List.of("a", "b")).counted("subjects"));
        assertEquals(
                List.of("sub-2_ses-1", "c"),
                Patients.others(List.of("sub-2_ses-1", "sub-1_ses-3", "c"), List.of("sub-1")));
    }

    @Test
    void statisticsOverSeveralScansOfAPatientAreWarnedAboutWithBothCounts() {
        assertEquals(
                Optional.of(
                        "3 scored subjects of 2 patients: means, intervals and tests count each scan as a patient of its own,"
                                + " so that intervals can be too narrow"),
                Patients.of(List.of("sub-1_ses-1", "sub-1_ses-2", "sub-2")).dependence());
        assertEquals(
                Optional.empty(),
                Patients.of(List.of("sub-1_ses-1", "sub-2_ses-2")).dependence());
    }

    @Test
    void patientsOfOneScanAreShuffledAsTheirIdsAre() {
        Collection<String> ids = IntStream.range(0, 40)
                .mapToObj(i -> switch (i % 4) {
                    case 0 -> "BraTS-GLI-" + (i < 20 ? "000" : "") + i + "-00" + i % 3;
                    case 1 -> "sub-" + i + "_ses-" + i % 5;
                    case 2 -> "sub-" + i;
                    default -> "S" + i;
                })
                .toList();
        for (int seed = 0; seed < 20; seed++) {
            RandomStreams random = new RandomStreams(seed);
            assertEquals(
                    random.shuffled(ids, "x"),
                    Patients.of(ids).shuffled(random, "x").stream()
                            .flatMap(List::stream)
                            .toList());
        }
    }
}
