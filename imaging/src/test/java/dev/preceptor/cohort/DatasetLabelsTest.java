package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.LabelSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetLabelsTest {
    private static final int MUTATIONS = 2000;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "necrotic and non-enhancing tumor core | NON_ENHANCING_CORE",
                "Necrotic Non-Enhancing Tumour Core | NON_ENHANCING_CORE",
                "NCR/NET | NON_ENHANCING_CORE",
                "non-enhancing tumor core NETC | NON_ENHANCING_CORE",
                "Necrotic tumor core (NCR) | NON_ENHANCING_CORE",
                "nonenhancing_tumor | NON_ENHANCING_CORE",
                "peritumoral edematous/invaded tissue | EDEMA",
                "ED - peritumoral edematous/invaded tissue | EDEMA",
                "surrounding non-enhancing FLAIR hyperintensity | EDEMA",
                "oedema | EDEMA",
                "GD-enhancing tumor | ENHANCING_TUMOR",
                "enhancing tumor core | ENHANCING_TUMOR",
                "Enhancing_Tumor (ET) | ENHANCING_TUMOR",
                "EnhancingTumor | ENHANCING_TUMOR",
                "whole tumor | WHOLE_TUMOR",
                "Tumor-Core | TUMOR_CORE",
                "resection cavity (RC) | RESECTION_CAVITY",
                "cystic component | CYSTIC_COMPONENT",
            })
    void aNameInTheTableHasItsMeaning(String name, LabelMeaning meaning) {
        assertEquals(meaning, LabelMeaning.of(name).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tumor",
                "pancreas",
                "not enhancing tumor",
                "enhancing tumor and edema",
                "whole brain",
                "edema of the liver",
                "enhancing whole tumor"
            })
    void aNameThatContainsAKnownNameIsUnknown(String name) {
        assertTrue(LabelMeaning.of(name).isEmpty());
    }

    @Test
    void officialNamesAreMatchedAsAWhole() {
        assertSchema(
                LabelSchema.BRATS_2023,
                "'background':0,'necrotic and non-enhancing tumor core':1,'peritumoral edema':2,'GD-enhancing tumor':3");
        assertSchema(
                LabelSchema.BRATS_2013,
                "'background':0,'necrosis':1,'edema':2,'non-enhancing tumor':3,'enhancing tumor':4");
        assertSchema(LabelSchema.BRATS_2024, "'background':0,'NETC':1,'SNFH':2,'ET':3,'RC':4");
        assertSchema(LabelSchema.BRATS_PED_2024, "'background':0,'ET':1,'NET':2,'CC':3,'ED':4");
        assertSchema(
                LabelSchema.MSD_TASK01,
                "'0':'background','1':'edema','2':'non-enhancing tumor','3':'enhancing tumour'");
    }

    @Test
    void nestedRegionsGiveTheirTissues() {
        assertSchema(
                LabelSchema.MSD_TASK01,
                "'background':0,'whole tumor':[1,2,3],'enhancing tumor core':[3],'tumor core':[2,3]");
        assertSchema(
                LabelSchema.BRATS_2023,
                "'background':0,'WT':[1,2,3],'TC':[1,3],'ET':[3]},'regions_class_order':[2,1,3],'x':{");
        assertSchema(
                LabelSchema.BRATS_PED_2024, "'background':0,'WT':[1,2,3,4],'TC':[1,2,3],'ET':1,'cystic component':3");
    }

    @Test
    void anIgnoreLabelIsNotATissue() {
        assertEquals(
                "DATASET_JSON {1 NCR, 2 ED, 3 ET, 4 IGNORE}",
                read("'background':0,'NCR':1,'ED':2,'ET':3,'ignore':4").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'background':0,'whole tumor':1 | which part of the tumor label 1 is",
                "'background':0,'whole tumor':[1,2],'tumor core':[2] | which part of the tumor label 2 is",
                "'background':0,'pancreas':1 | \"pancreas\" is not a known name; known are background",
                "'background':0,'edema':1,'NCR':2,'whole tumor':[2] | contradicts itself: label 1 is ED and not in WT [2]",
                "'background':0,'edema':1,'necrosis':1 | label 1 is given as ED and as NCR",
                "'background':0,'edema':0 | 0 is the background",
                "'background':1,'edema':2 | 0 is the background",
                "'background':0 | names no labels but the background",
                "'edema':'x' | \"edema\" is not a label",
                "'edema':1.5 | has the value 1.5",
                "'edema':300 | from 0 to 127",
                "'edema':[] | has the values []",
                "'edema':{'a':1} | whole numbers",
                "'WT':[1,2,3],'TC':[1,3],'ET':[3]},'regions_class_order':[1,2,3],'x':{ | writes 2 for \"TC\"",
                "'WT':[1,2,3],'TC':[2,3],'ET':[3]},'regions_class_order':2,'x':{ | must be a list of 3 values",
            })
    void unknownOrContradictoryLabelsAreRefused(String labels, String part) {
        String message =
                assertThrows(PreceptorException.class, () -> read(labels)).getMessage();
        assertTrue(message.contains(part) && message.contains("dataset.json"), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void labelsThatAreNotAnObjectAreRefused() throws IOException {
        for (String text : List.of("[]", "{}", "{\"labels\":[1]}", "{\"labels\":3}", "3", "null")) {
            Path file = Files.writeString(folder.resolve("dataset.json"), text);
            assertThrows(PreceptorException.class, () -> SchemaDecision.describedBy(file), text);
        }
    }

    @Test
    void aByteOrderMarkIsSkipped() throws IOException {
        CohortFixture.nnunet(folder, 1);
        Path file = folder.resolve("dataset.json");
        Files.writeString(file, "\ufeff" + Files.readString(file));
        assertEquals(LabelSchema.MSD_TASK01, Cohort.open(folder).schema());
    }

    @Test
    void aMutatedDescriptionIsReadOrRefusedInOneLine() throws IOException {
        CohortFixture.nnunet(folder, 1);
        Path file = folder.resolve("dataset.json");
        byte[] good = Files.readAllBytes(file);
        byte[] pieces = "0123456789[]{},:\"-.eE\\ \u0000x".getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < MUTATIONS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bad = good.clone();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                bad[random.nextInt(bad.length)] = pieces[random.nextInt(pieces.length)];
            }
            Files.write(file, bad);
            try {
                DatasetJson.read(file, Optional.empty());
            } catch (PreceptorException e) {
                assertFalse(e.getMessage().contains("jackson"), "seed " + seed + ": " + e.getMessage());
                assertEquals(1, e.getMessage().lines().count(), "seed " + seed + ": " + e.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + new String(bad, StandardCharsets.UTF_8), e);
            }
        }
    }

    private void assertSchema(LabelSchema expected, String labels) {
        assertEquals(expected, read(labels));
    }

    /** @param labels the inside of the block, with single quotes */
    private LabelSchema read(String labels) {
        try {
            Path file = folder.resolve("dataset.json");
            Files.writeString(file, ("{'labels':{" + labels + "}}").replace('\'', '"'));
            return SchemaDecision.describedBy(file).schema();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
