package dev.preceptor.phantom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Sha256;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhantomVariantTest {
    @TempDir
    private Path folder;

    private static PhantomRecipe recipe(PhantomVariant variant) {
        return PhantomRecipe.defaults().withVariant(variant).withSize(32).withSeed(7);
    }

    /** The hash of all voxels of a subject: images, annotated and true labels. */
    private static String hash(PhantomVariant variant, int index) {
        PhantomSubject subject = PhantomSubject.of(recipe(variant), index);
        MessageDigest digest = Sha256.digest();
        for (Volume volume : subject.volumes().values()) {
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * volume.voxels().length);
            bytes.asFloatBuffer().put(volume.voxels());
            digest.update(bytes.array());
        }
        digest.update(subject.annotated().voxels());
        digest.update(subject.clean().voxels());
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void uniformSubjectsAreThoseOfTheFirstVersion() {
        List<String> before = List.of(
                "f16915516dbd3d37dd289348d03c5ce2f9c95ff1a7ae8fc3c29a682eaee131e6",
                "0b68330eea01d9c334dee3c71e96d20a4d006f557f06ad39ca5e33e28275365e",
                "025e57cef701dd6229d1884f0474f9025f5744eca37b0f3fb1b0c7ae7ce43864");
        for (int i = 0; i < before.size(); i++) {
            assertEquals(before.get(i), hash(PhantomVariant.UNIFORM, i), "subject " + i);
        }
    }

    @Test
    void variousSubjectsChangeOnlyWithTheVersion() {
        assertEquals("various-1", PhantomVariant.VARIOUS.version());
        List<String> frozen = List.of(
                "a8089122d9dc5a8b0322acbb3a91ec4ec0c47c0c6cef0e99e46469c3e41510f2",
                "d223ebd2a08b1005a8d3ded8030caea574b690d288865e7c95cfc5c04f7c1483",
                "bfd1fcf402fe89bd1866a779a1e431205ea29ee207acc73f2af4aef29c243e92");
        for (int i = 0; i < frozen.size(); i++) {
            assertEquals(frozen.get(i), hash(PhantomVariant.VARIOUS, i), "other voxels need another version");
        }
    }

    @Test
    void theFolderOfAUniformCohortIsThatOfTheFirstVersion() throws IOException {
        Path cohort = write(PhantomVariant.UNIFORM);
        assertEquals("""
                {
                  "format" : "preceptor-phantom/1",
                  "subjects" : 1,
                  "size" : 32,
                  "spacing_mm" : 7.5,
                  "seed" : 7,
                  "first_index" : 0,
                  "anatomy" : "procedural",
                  "schema" : "BRATS_2018",
                  "labels" : "annotated in <id>_seg.nii.gz, true in clean/<id>.nii.gz"
                }
                """, Files.readString(cohort.resolve("phantom.json")));
    }

    @Test
    void theFolderOfAVariousCohortNamesTheVersion() throws IOException {
        Path cohort = write(PhantomRecipe.defaults().variant());
        String description = Files.readString(cohort.resolve("phantom.json"));
        assertTrue(description.contains("\"variant\" : \"various-1\""), description);
    }

    private Path write(PhantomVariant variant) {
        Path cohort = folder.resolve("cohort");
        PhantomCohort.write(recipe(variant).withSubjects(1), cohort, 1, (id, done, total) -> {});
        return cohort;
    }
}
