package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ViewCommandLineTest {
    @Test
    void namesImageLabelsAndSchema() {
        assertEquals(
                Optional.of("preceptor view c/a_t1ce.nii.gz out/a.nii.gz c/a_seg.nii.gz --schema BRATS_2018"),
                ViewCommandLine.of(
                        NiftiImage.of(Path.of("c/a_t1ce.nii.gz")),
                        List.of(Path.of("out/a.nii.gz"), Path.of("c/a_seg.nii.gz")),
                        LabelSpace.BRATS_2018));
    }

    @Test
    void quotesWhatAShellWouldRead() {
        LabelSpace cysts = new LabelSpace("CYSTS", Map.of(1, new LabelClass("cyst")));
        assertEquals(
                Optional.of("preceptor view 'a b'\\''$(x).nii' --schema 'CYSTS {1 cyst}'"),
                ViewCommandLine.of(NiftiImage.of(Path.of("a b'$(x).nii")), List.of(), cysts));
    }

    @Test
    void thereIsNoneForAFrameOfAFourDimensionalFile() {
        assertEquals(
                Optional.empty(),
                ViewCommandLine.of(NiftiImage.of(Path.of("a.nii.gz"), 1), List.of(), LabelSpace.BRATS_2018));
    }
}
