package dev.preceptor.quality;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Ellipsoids that look a little like heads in two sequences: one with a dark centre and one with a bright centre. */
public final class SmallHeads {
    public static final Size SIZE = new Size(24, 30, 22);

    private SmallHeads() {}

    /** The image of a subject, in RAS with voxels of 6 mm; the front and the top are brighter. */
    public static Volume volume(int subject, String sequence) {
        SplittableRandom random = new SplittableRandom(subject);
        double[] half = {8.5 + random.nextDouble(), 11 + random.nextDouble(), 7.5 + random.nextDouble()};
        SplittableRandom noise = new SplittableRandom(subject * 31L + sequence.hashCode());
        float[] voxels = new float[SIZE.voxels()];
        for (int i = 0; i < voxels.length; i++) {
            double x = (i % SIZE.x() - 11.5) / half[0];
            double y = (i / SIZE.x() % SIZE.y() - 14.5) / half[1];
            double z = (i / SIZE.x() / SIZE.y() - 10.5) / half[2];
            double radius = x * x + y * y + z * z;
            if (radius < 1) {
                double centre = radius < 0.2 ? sequence.equals("T1CE") ? -60 : 60 : 0;
                voxels[i] = (float) (200 + centre + 30 * y + 20 * z + 10 * noise.nextDouble());
            }
        }
        return new Volume(new Grid(SIZE, Affine.scaling(6, 6, 6)), voxels);
    }

    /** A lesion in the same place in all subjects. */
    public static BitSet lesion() {
        BitSet mask = new BitSet();
        for (int z = 10; z < 13; z++) {
            for (int y = 14; y < 18; y++) {
                mask.set(SIZE.index(14, y, z), SIZE.index(17, y, z));
            }
        }
        return mask;
    }

    /** A subject of the training with both sequences and its lesion. */
    public static SubjectImages subject(int subject) {
        return SubjectImages.of(
                List.of("T1CE", "FLAIR"), name -> Optional.of(volume(subject, name)), Optional.of(lesion()));
    }

    /** The guards of a model of T1CE, fitted to subjects 0 to 11. */
    public static GuardProfile profile() {
        return new GuardFitting(List.of("T1CE"), false)
                .fit(IntStream.range(0, 12).mapToObj(SmallHeads::subject).toList())
                .orElseThrow();
    }
}
