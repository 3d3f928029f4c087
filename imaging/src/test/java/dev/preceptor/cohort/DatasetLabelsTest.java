package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
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
                LabelSpace.BRATS_2023,
                "'background':0,'necrotic and non-enhancing tumor core':1,'peritumoral edema':2,'GD-enhancing tumor':3");
        assertSchema(
                LabelSpace.BRATS_2013,
                "'background':0,'necrosis':1,'edema':2,'non-enhancing tumor':3,'enhancing tumor':4");
        assertSchema(LabelSpace.BRATS_2024, "'background':0,'NETC':1,'SNFH':2,'ET':3,'RC':4");
        assertSchema(LabelSpace.BRATS_PED_2024, "'background':0,'ET':1,'NET':2,'CC':3,'ED':4");
        assertSchema(
                LabelSpace.MSD_TASK01, "'0':'background','1':'edema','2':'non-enhancing tumor','3':'enhancing tumour'");
    }

    @Test
    void nestedRegionsGiveTheirTissues() {
        assertSchema(
                LabelSpace.MSD_TASK01,
                "'background':0,'whole tumor':[1,2,3],'enhancing tumor core':[3],'tumor core':[2,3]");
        assertSchema(
                LabelSpace.BRATS_2023,
                "'background':0,'WT':[1,2,3],'TC':[1,3],'ET':[3]},'regions_class_order':[2,1,3],'x':{");
        assertSchema(
                LabelSpace.BRATS_PED_2024, "'background':0,'WT':[1,2,3,4],'TC':[1,2,3],'ET':1,'cystic component':3");
    }

    @Nested
    class OfAnyOtherLesion {
        @Test
        void keepTheNamesOfTheFile() {
            LabelSpace whole = read("'background':0,'whole tumor':1");
            assertEquals("DATASET_JSON {1 whole tumor}", whole.toString());
            assertEquals(List.of("whole tumor"), names(whole));
            LabelSpace two = read("'background':0,'infarct, acute':2,'haemorrhage':1,'ignore':3");
            assertEquals("DATASET_JSON {1 haemorrhage, 2 \"infarct, acute\", 3 IGNORE}", two.toString());
            assertEquals(List.of("infarct, acute", "haemorrhage"), names(two));
            assertEquals(
                    List.of("edema", "lesion"), names(read("'edema':1,'lesion':2")), "one name of BraTS is not enough");
        }

        @Test
        void mayBeRegionsThatOverlap() {
            LabelSpace space =
                    read("'all':[1,2,3,4],'core':[2,3,4],'rim':[3,5],'spot':4},'regions_class_order':[1,2,5,4],'x':{");
            assertEquals(List.of("all", "core", "rim", "spot"), names(space));
            assertEquals("DATASET_JSON {1 all, 2 core, 3 label 3, 4 spot, 5 rim}", space.toString());
            assertEquals(
                    List.of(List.of(1, 2, 3, 4), List.of(2, 3, 4), List.of(3, 5), List.of(4)), space.numbersByRegion());
            assertTrue(space.contains(space.region("rim"), 3) && space.contains(space.region("core"), 3));
        }

        @Test
        void areOneClassWhereTheyBelongToTheSameRegions() {
            LabelSpace brats = read("'whole tumor':[1,2,4]},'regions_class_order':[1],'x':{");
            LabelSpace mask = read("'background':0,'whole tumor':1");
            assertEquals("DATASET_JSON {1 whole tumor, 2 whole tumor, 4 whole tumor}", brats.toString());
            assertTrue(brats.hasRegionsOf(mask));
            LabelSpace second = read("'whole tumor':[1,2,4]},'regions_class_order':[2],'x':{");
            assertEquals(2, second.valueOf(second.regions().get(0).writtenAs()).orElseThrow());
            assertEquals(List.of(List.of(1)), second.numbersByRegion());
        }

        @Test
        void mayNameTheLabelsOfARegion() {
            LabelSpace space = read("'all':['core','halo'],'core':1,'halo':2},'regions_class_order':[2,1,2],'x':{");
            assertEquals(List.of("all", "core", "halo"), names(space));
            assertEquals("DATASET_JSON {1 core, 2 halo}", space.toString());
            assertEquals(List.of(List.of(1, 2), List.of(1), List.of(2)), space.numbersByRegion());
        }

        private List<String> names(LabelSpace space) {
            return space.regions().stream().map(Region::name).toList();
        }
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
                "'background':0,'whole tumor':[1,2],'tumor core':[2] | \"regions_class_order\" is missing",
                "'background':0,'lesion':1,'vessel':1 | gives label 1 to \"lesion\" and to \"vessel\"",
                "'background':0,'lesion':1,'7':2 | label \"7\" is a number where a name is due",
                "'background':0,'lesion':1,'all':['lesion','vessel'] | names the class \"vessel\", which is not among",
                "'background':0,'lesion':1,'Lesion':2 | two regions of the name",
                "'a':[1,2],'b':[1,2]},'regions_class_order':[1,2],'x':{ | two values that belong to the same regions",
                "'background':0,'ignore':3 | names no labels but the background and ignore",
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
        assertEquals(LabelSpace.MSD_TASK01, Cohort.open(folder).schema());
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

    private void assertSchema(LabelSpace expected, String labels) {
        assertEquals(expected, read(labels));
    }

    /** @param labels the inside of the block, with single quotes */
    private LabelSpace read(String labels) {
        try {
            Path file = folder.resolve("dataset.json");
            Files.writeString(file, ("{'labels':{" + labels + "}}").replace('\'', '"'));
            return SchemaDecision.describedBy(file).schema();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
