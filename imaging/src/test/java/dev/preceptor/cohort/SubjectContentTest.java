package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectContentTest {
    @TempDir
    private Path folder;

    @Test
    void isTheSameUnderAnotherIdFolderCompressionAndSchema() {
        SubjectContent then =
                content(new CohortFixture(folder.resolve("a")).legacySubject("HGG", "Brats18_TCIA_1", 7, ".nii.gz"));
        SubjectContent now = content(
                new CohortFixture(folder.resolve("b")).modernSubject("BraTS-GLI-00007-000", 7, LabelSpace.BRATS_2023));
        assertEquals(then.hashes(), now.hashes());
        assertEquals(5, now.hashes().size());
        assertTrue(now.shares(then.hashes()));
    }

    @Test
    void oneCommonImageIsEnough() {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("a"), 1);
        SubjectContent before = content(fixture);
        float[] noise = new float[CohortFixture.SIZE.voxels()];
        noise[500] = 1;
        for (String name : List.of("t1", "t1ce", "t2")) {
            fixture.replace("BraTS2021_00001", name, new Volume(CohortFixture.GRID, noise));
        }
        fixture.delete("BraTS2021_00001", "seg");
        assertTrue(content(fixture).shares(before.hashes()));
        fixture.replace("BraTS2021_00001", "flair", CohortFixture.volume(2, Sequence.FLAIR));
        assertFalse(content(fixture).shares(before.hashes()));
    }

    @Test
    void anEmptyLabelMapHasNoHash() {
        LabelMap empty = new LabelMap(CohortFixture.GRID, new byte[CohortFixture.SIZE.voxels()], LabelSpace.BRATS_2018);
        assertEquals(List.of(), SubjectContent.of("a", empty).hashes());
    }

    private static SubjectContent content(CohortFixture fixture) {
        return SubjectContent.of(Cohort.open(fixture.root()).subjects().get(0));
    }
}
