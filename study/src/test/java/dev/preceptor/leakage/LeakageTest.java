package dev.preceptor.leakage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.model.TrainedOn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeakageTest {
    private static final SubjectContent ANNA = subject("anna", "aaaaaaaaaaaaaaaa", "1111111111111111");
    private static final SubjectContent BERT = subject("bert", "bbbbbbbbbbbbbbbb");
    private static final SubjectContent CARL = subject("carl", "cccccccccccccccc");

    @TempDir
    private Path folder;

    @Test
    void aSubjectThatNoModelWasTrainedOnDoesNotLeak() {
        Leakage found = among(TrainedOn.of(List.of(ANNA), List.of(BERT)), NameMapping.NONE, CARL);
        assertEquals(new Leakage(1, List.of(), List.of()), found);
        assertEquals(List.of(), found.warnings());
    }

    @Test
    void aSubjectIsRecognisedByItsId() {
        Leakage found =
                among(TrainedOn.of(List.of(ANNA), List.of()), NameMapping.NONE, subject("anna", "dddddddddddddddd"));
        assertEquals(List.of(new Leak("anna", "student", Leak.Use.TRAINING, "anna", Leak.Sign.ID)), found.leaks());
    }

    @Test
    void aSubjectIsRecognisedByAnyOfItsVolumesUnderAnotherId() {
        Leakage found =
                among(TrainedOn.of(List.of(ANNA), List.of()), NameMapping.NONE, subject("someone", "1111111111111111"));
        assertEquals(
                List.of(new Leak("someone", "student", Leak.Use.TRAINING, "anna", Leak.Sign.VOXELS)), found.leaks());
        assertEquals(
                "student trained on it: same voxels as anna", found.reasons().get("someone"));
    }

    @Test
    void aSubjectIsRecognisedByTheNameMapping() {
        NameMapping mapping = new NameMapping(Map.of("anna", Set.of("anna", "a-2018")));
        assertEquals(
                1,
                among(TrainedOn.of(List.of(CARL), List.of()), mapping, CARL)
                        .leaks()
                        .size());
        Leakage found = among(TrainedOn.of(List.of(subject("a-2018")), List.of()), mapping, ANNA);
        assertEquals(
                List.of(new Leak("anna", "student", Leak.Use.TRAINING, "a-2018", Leak.Sign.MAPPING)), found.leaks());
    }

    @Test
    void anotherScanOfAPatientIsRecognisedByItsId() {
        TrainedOn on = TrainedOn.of(List.of(subject("BraTS-GLI-00001-100", "aaaaaaaaaaaaaaaa")), List.of(ANNA));
        Leakage found = among(on, NameMapping.NONE, subject("BraTS-GLI-00001-101", "eeeeeeeeeeeeeeee"));
        assertEquals(
                List.of(new Leak(
                        "BraTS-GLI-00001-101", "student", Leak.Use.TRAINING, "BraTS-GLI-00001-100", Leak.Sign.PATIENT)),
                found.leaks());
        assertEquals(
                "student trained on it: same patient by id as BraTS-GLI-00001-100",
                found.reasons().get("BraTS-GLI-00001-101"));
        assertEquals(
                List.of(),
                among(on, NameMapping.NONE, subject("BraTS-GLI-00002-100")).leaks());
    }

    @Test
    void anotherScanOfAPatientIsRecognisedThroughTheNameMapping() {
        NameMapping mapping =
                new NameMapping(Map.of("BraTS2021_00005", Set.of("BraTS2021_00005", "BraTS-GLI-00005-000")));
        Leakage found = among(
                TrainedOn.of(List.of(subject("BraTS2021_00005")), List.of()), mapping, subject("BraTS-GLI-00005-001"));
        assertEquals(
                List.of(new Leak(
                        "BraTS-GLI-00005-001", "student", Leak.Use.TRAINING, "BraTS2021_00005", Leak.Sign.PATIENT)),
                found.leaks());
    }

    @Test
    void theSameScanIsTheStrongerEvidence() {
        TrainedOn on = TrainedOn.of(
                List.of(subject("sub-1_ses-1", "aaaaaaaaaaaaaaaa"), subject("sub-9", "bbbbbbbbbbbbbbbb")), List.of());
        assertEquals(
                Leak.Sign.VOXELS,
                among(on, NameMapping.NONE, subject("sub-1_ses-2", "bbbbbbbbbbbbbbbb"))
                        .leaks()
                        .get(0)
                        .sign());
    }

    @Test
    void aSubjectThatSelectedTheWeightsLeaksAsWell() {
        Leakage found = among(TrainedOn.of(List.of(ANNA), List.of(BERT)), NameMapping.NONE, BERT);
        assertEquals(Leak.Use.SELECTION, found.leaks().get(0).use());
        assertEquals("student was selected by it: same id", found.reasons().get("bert"));
    }

    @Test
    void everyModelIsSearched() {
        Map<String, Optional<TrainedOn>> models = Map.of(
                "student", Optional.of(TrainedOn.of(List.of(CARL), List.of())),
                "teacher", Optional.of(TrainedOn.of(List.of(ANNA), List.of())),
                "stranger", Optional.empty());
        Leakage found = Leakage.among(models, List.of(ANNA, BERT), NameMapping.NONE);
        assertEquals(List.of("stranger"), found.silent());
        assertEquals("teacher trained on it: same id", found.reasons().get("anna"));
        List<String> warnings = found.warnings();
        assertTrue(warnings.get(0).startsWith("LEAKAGE: 1 of 2 scored subjects"), warnings.get(0));
        assertTrue(warnings.get(1).startsWith("stranger does not record"), warnings.get(1));
    }

    @Nested
    class ATableOfNames {
        @Test
        void joinsTheNamesOfALine() throws IOException {
            NameMapping mapping = NameMapping.read(file("""
                    Grade,BraTS_2017_subject_ID,BraTS_2018_subject_ID,TCGA_TCIA_subject_ID,BraTS_2019_subject_ID,BraTS_2020_subject_ID
                    HGG,Brats17_CBICA_AAB_1,Brats18_CBICA_AAB_1,NA,BraTS19_CBICA_AAB_1,BraTS20_Training_001
                    HGG,NA,NA,NA,NA,BraTS20_Training_002
                    LGG,NA,"Brats18_X_1",NA,NA,BraTS20_Training_003
                    """));
            assertEquals(4, mapping.namesOf("BraTS20_Training_001").size());
            assertTrue(mapping.namesOf("BraTS20_Training_001").contains("Brats18_CBICA_AAB_1"));
            assertEquals(Set.of("BraTS20_Training_002"), mapping.namesOf("BraTS20_Training_002"));
            assertEquals(Set.of("BraTS20_Training_003", "Brats18_X_1"), mapping.namesOf("Brats18_X_1"));
            assertEquals(Set.of("HGG"), mapping.namesOf("HGG"));
        }

        @ParameterizedTest
        @ValueSource(strings = {",", ";", "\t"})
        void hasTheDividerOfItsHeaderInEveryLine(String divider) throws IOException {
            NameMapping mapping = NameMapping.read(file("old_id,new_id,note\n".replace(",", divider)
                    + String.join(divider, "A1", "B1", "\"moved; see log, page 2\"\n")
                    + String.join(divider, "\"A,2;x\"", "B2", "\n")));
            assertEquals(Set.of("A1", "B1"), mapping.namesOf("A1"));
            assertEquals(Set.of("A,2;x", "B2"), mapping.namesOf("B2"));
        }

        @Test
        void ofManyLinksIsReadInATimeThatGrowsWithThem() throws IOException {
            StringBuilder chain = new StringBuilder("a_id,b_id\n");
            int links = 50_000;
            for (int i = links; i > 0; i--) {
                chain.append('n').append(i - 1).append(",n").append(i).append('\n');
            }
            Path file = file(chain.toString());
            NameMapping mapping = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> NameMapping.read(file));
            assertEquals(links + 1, mapping.namesOf("n7").size());
        }

        @Test
        void ofOneLongLineOfQuotesIsReadInATimeThatGrowsWithIt() throws IOException {
            Path file = file("a_id,b_id\nA,B" + ",\"x\"".repeat(500_000) + "\n");
            NameMapping mapping = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> NameMapping.read(file));
            assertEquals(Set.of("A", "B"), mapping.namesOf("A"));
        }

        @Test
        void withoutColumnsOfSubjectsIsRefused() throws IOException {
            InvalidFileException refused =
                    assertThrows(InvalidFileException.class, () -> NameMapping.read(file("a,b\n1,2\n")));
            assertTrue(refused.getMessage().contains("[a, b]"), refused.getMessage());
            assertThrows(InvalidFileException.class, () -> NameMapping.read(folder.resolve("nowhere.csv")));
        }

        private Path file(String text) throws IOException {
            return Files.writeString(folder.resolve("name_mapping.csv"), text);
        }
    }

    private static Leakage among(TrainedOn met, NameMapping mapping, SubjectContent evaluated) {
        return Leakage.among(Map.of("student", Optional.of(met)), List.of(evaluated), mapping);
    }

    private static SubjectContent subject(String id, String... hashes) {
        return new SubjectContent(id, List.of(hashes));
    }
}
