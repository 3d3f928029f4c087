package dev.preceptor.study;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.preceptor.fuzz.Format;
import dev.preceptor.fuzz.Fuzzing;
import dev.preceptor.leakage.NameMapping;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Studies and tables of names that are damaged or made to harm. */
@Tag("integration")
class FuzzedStudyInputsTest {
    @ParameterizedTest
    @ValueSource(strings = {"study", "mapping"})
    void aDamagedFileIsReadOrRefusedInOneLine(String name) {
        Fuzzing.run(format(name), Fuzzing.FEW, 1);
    }

    @Tag("fuzz")
    @ParameterizedTest
    @ValueSource(strings = {"study", "mapping"})
    void aMillionDamagedFilesAreReadOrRefusedInOneLine(String name) {
        Fuzzing.run(format(name), Fuzzing.MANY, Long.getLong("preceptor.fuzz.seed", 1_000_000_000));
    }

    private static Format format(String name) {
        return switch (name) {
            case "study" ->
                new Format(
                        name,
                        "study.yaml",
                        List.of(
                                TinyStudies.TWO_ARMS.getBytes(UTF_8),
                                Study.load("kd-net-table-2-phantom").toYaml().getBytes(UTF_8)),
                        file -> Study.load(file.toString()));
            case "mapping" ->
                new Format(
                        name,
                        "mapping.csv",
                        List.of(
                                ("Grade,BraTS_2017_subject_ID,BraTS_2018_subject_ID,TCGA_TCIA_subject_ID\n"
                                                + "HGG,Brats17_A_1,Brats18_A_1,NA\nLGG,Brats17_B_1,\"Brats18_B_1\",TCGA-1\n")
                                        .getBytes(UTF_8),
                                "id;subject\na;b\nb;c\n".getBytes(UTF_8)),
                        file -> NameMapping.read(file).namesOf("a"));
            default -> throw new IllegalArgumentException(name);
        };
    }
}
