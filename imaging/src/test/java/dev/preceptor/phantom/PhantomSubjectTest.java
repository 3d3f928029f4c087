package dev.preceptor.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Properties of single phantoms and of a small cohort, at 3.75 mm, where partial volume effects are largest; variant UNIFORM. */
@Tag("integration")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PhantomSubjectTest {
    private static final int SUBJECTS = 8;

    private final List<PhantomSubject> subjects = new ArrayList<>();

    @BeforeAll
    void generate() {
        PhantomGenerator generator = new PhantomGenerator(recipe());
        for (int i = 0; i < SUBJECTS; i++) {
            subjects.add(generator.subject(i));
        }
    }

    private static PhantomRecipe recipe() {
        return PhantomRecipe.defaults()
                .withVariant(PhantomVariant.UNIFORM)
                .withSize(64)
                .withSeed(1);
    }

    @Test
    void theSameSeedGivesTheSameVoxels() {
        PhantomSubject second = PhantomSubject.of(recipe().withSubjects(3).withFirstIndex(2), 4);
        assertSame(subjects.get(4), second);
    }

    @Test
    void anotherSeedGivesAnotherPatient() {
        PhantomSubject other = PhantomSubject.of(recipe().withSeed(2), 0);
        for (Sequence sequence : Sequence.BRATS) {
            assertFalse(Arrays.equals(
                    subjects.get(0).volumes().get(sequence).voxels(),
                    other.volumes().get(sequence).voxels()));
        }
    }

    @Test
    void theFourSequencesAreInCanonicalOrderOnOneGrid() {
        PhantomSubject subject = subjects.get(0);
        assertEquals(Sequence.BRATS, List.copyOf(subject.volumes().keySet()));
        assertEquals("BraTS2021_90000", subject.id());
        for (Volume volume : subject.volumes().values()) {
            assertEquals(subject.clean().grid(), volume.grid());
        }
        assertEquals(new Size(64, 64, 41), subject.clean().size());
        assertEquals(3.75, subject.clean().grid().spacing()[2], 1e-12);
    }

    @Test
    void size240IsTheGridOfBrats() {
        assertEquals(new Size(240, 240, 155), PhantomLayout.grid(240).size());
        assertEquals(
                new Affine(-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0),
                PhantomLayout.grid(240).affine());
    }

    @Test
    void voxelsAreZeroExactlyOutsideTheBrain() {
        for (PhantomSubject subject : subjects) {
            for (Volume volume : subject.volumes().values()) {
                for (int i = 0; i < volume.voxels().length; i++) {
                    boolean brain = subject.tissues().voxels()[i] != 0;
                    float value = volume.voxels()[i];
                    assertTrue(brain ? value >= 1 : value == 0, subject.id() + " voxel " + i + " holds " + value);
                    assertEquals(Math.rint(value), value, subject.id() + ": whole numbers, as scanners store them");
                    if (!brain) {
                        assertEquals(
                                0,
                                subject.clean().voxels()[i]
                                        + subject.annotated().voxels()[i]);
                    }
                }
            }
        }
    }

    @Test
    void brainAndTissueVolumesAreThoseOfPeople() {
        for (PhantomSubject subject : subjects) {
            double[] ml = new double[4];
            for (float tissue : subject.tissues().voxels()) {
                ml[(int) tissue] += subject.tissues().grid().voxelVolume() / 1000;
            }
            double brain = ml[1] + ml[2] + ml[3];
            assertTrue(brain > 1050 && brain < 1950, subject.id() + " has a brain of " + brain + " ml");
            assertTrue(ml[1] > 0.1 * brain && ml[1] < 0.35 * brain, subject.id() + " has " + ml[1] + " ml of CSF");
            assertTrue(ml[2] > 0.28 * brain && ml[2] < 0.55 * brain, subject.id() + " has " + ml[2] + " ml of GM");
            assertTrue(ml[3] > 0.25 * brain && ml[3] < 0.55 * brain, subject.id() + " has " + ml[3] + " ml of WM");
        }
    }

    @Test
    void meanZScoresFollowTheTable() {
        // The bounds cover the random deviation of eight patients from the table, and FLAIR, where unit variance does
        // not allow a large tumour to reach the z-scores of the table.
        for (Contrast contrast : Contrast.brats()) {
            double[] sums = new double[Contrast.TISSUES];
            int[] counts = new int[Contrast.TISSUES];
            for (PhantomSubject subject : subjects) {
                addMeans(subject, contrast.sequence(), sums, counts);
            }
            for (int tissue = 1; tissue < Contrast.TISSUES; tissue++) {
                double mean = sums[tissue] / counts[tissue];
                double expected = contrast.means()[tissue];
                double bound =
                        tissue < Contrast.NCR ? 0.12 : 0.15 + 0.25 * Math.abs(expected) + contrast.spreads()[tissue];
                assertEquals(expected, mean, bound, contrast.sequence() + " tissue " + tissue);
            }
            double csf = sums[Anatomy.CSF] / counts[Anatomy.CSF];
            assertTrue(contrast.brightFluid() ? csf > 0.3 : csf < -0.5, contrast.sequence() + " CSF " + csf);
        }
    }

    private static void addMeans(PhantomSubject subject, Sequence sequence, double[] sums, int[] counts) {
        float[] voxels = subject.volumes().get(sequence).voxels();
        int brain = 0;
        for (float tissue : subject.tissues().voxels()) {
            brain += tissue != 0 ? 1 : 0;
        }
        float[] values = new float[brain];
        byte[] tissues = new byte[brain];
        int at = 0;
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0) {
                int label = subject.clean().voxels()[i];
                values[at] = voxels[i];
                tissues[at++] = (byte)
                        (label == 0
                                ? subject.tissues().voxels()[i] - 1
                                : label == 1 ? Contrast.NCR : label == 2 ? Contrast.ED : Contrast.ET);
            }
        }
        TissueStatistics statistics = TissueStatistics.of(values, tissues);
        for (int tissue = 0; tissue < Contrast.TISSUES; tissue++) {
            if (statistics.counts()[tissue] > 0) {
                sums[tissue] += (statistics.means()[tissue] - statistics.mean()) / Math.sqrt(statistics.variance());
                counts[tissue]++;
            }
        }
    }

    @Test
    void everyTumourHasRegionsOfPlausibleVolume() {
        for (PhantomSubject subject : subjects) {
            double whole = ml(subject.clean(), Region.WT);
            double core = ml(subject.clean(), Region.TC);
            double enhancing = ml(subject.clean(), Region.ET);
            assertTrue(whole > 9 && whole < 300, subject.id() + " WT " + whole);
            assertTrue(core > 3 && core < 115, subject.id() + " TC " + core);
            assertTrue(enhancing > 0 && enhancing <= core, subject.id() + " ET " + enhancing);
        }
    }

    @Test
    void patientsDiffer() {
        double least = Double.MAX_VALUE;
        double most = 0;
        for (PhantomSubject subject : subjects) {
            least = Math.min(least, ml(subject.clean(), Region.WT));
            most = Math.max(most, ml(subject.clean(), Region.WT));
        }
        assertTrue(most > 1.7 * least, "WT from " + least + " to " + most + " ml");
    }

    @Test
    void annotatorsDisagreeWithTheTruthAsMuchAsHumans() {
        double[] sums = new double[3];
        for (PhantomSubject subject : subjects) {
            for (int r = 0; r < 3; r++) {
                sums[r] += dice(subject, Region.BRATS.get(r)) / SUBJECTS;
            }
            double whole = dice(subject, Region.WT);
            assertTrue(whole > 0.82 && whole < 0.995, subject.id() + " WT Dice " + whole);
        }
        assertTrue(sums[0] > 0.9 && sums[0] < 0.975, "mean Dice of WT " + sums[0]);
        assertTrue(sums[1] > 0.87 && sums[1] < 0.98, "mean Dice of TC " + sums[1]);
        assertTrue(sums[2] > 0.75 && sums[2] < 0.97, "mean Dice of ET " + sums[2]);
    }

    private static double ml(LabelMap labels, Region region) {
        return labels.mask(region).cardinality() * labels.grid().voxelVolume() / 1000;
    }

    private static double dice(PhantomSubject subject, Region region) {
        BitSet truth = subject.clean().mask(region);
        BitSet drawn = subject.annotated().mask(region);
        double sum = truth.cardinality() + drawn.cardinality();
        drawn.and(truth);
        return 2 * drawn.cardinality() / sum;
    }

    private static void assertSame(PhantomSubject a, PhantomSubject b) {
        assertEquals(a.id(), b.id());
        assertArrayEquals(a.clean().voxels(), b.clean().voxels());
        assertArrayEquals(a.annotated().voxels(), b.annotated().voxels());
        assertArrayEquals(a.tissues().voxels(), b.tissues().voxels());
        for (Sequence sequence : Sequence.BRATS) {
            assertArrayEquals(
                    a.volumes().get(sequence).voxels(),
                    b.volumes().get(sequence).voxels());
        }
    }
}
