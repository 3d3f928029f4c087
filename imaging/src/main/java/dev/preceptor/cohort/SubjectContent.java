package dev.preceptor.cohort;

import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Volume;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The content hashes of a subject, by which it is recognised under any id to detect leakage: one hash of the voxels of each
 * image and one of the classes of its label map. They do not depend on compression, data type, file name and label numbers;
 * they change if the grid changes.
 *
 * @param id the subject
 * @param hashes 16 hexadecimal digits each, sorted; constant images and empty label maps have none
 */
public record SubjectContent(String id, List<String> hashes) {
    /** 64 bits: enough to rule out collisions among all subjects, short enough to be stored in every model. */
    private static final int DIGITS = 16;

    /**
     * The classes numbered from 1 in this order. The order never changes because the hashes are stored in models. The first
     * four are those of BraTS 2024.
     */
    private static final List<LabelClass> NUMBERED =
            List.of(LabelClass.NCR, LabelClass.ED, LabelClass.ET, LabelClass.RC, LabelClass.CC, LabelClass.IGNORE);

    public SubjectContent {
        hashes = List.copyOf(new TreeSet<>(hashes));
    }

    /** Reads all files of a subject and computes its hashes. */
    public static SubjectContent of(Subject subject) {
        return SubjectScan.of(subject, List.of()).content();
    }

    /** The hashes of a label map alone. */
    public static SubjectContent of(String id, LabelMap labels) {
        return new SubjectContent(id, hashes(labels));
    }

    /** This subject with the hashes of both contents. */
    public SubjectContent and(SubjectContent other) {
        return new SubjectContent(
                id, Stream.concat(hashes.stream(), other.hashes.stream()).toList());
    }

    /** Whether at least one image or the label map is among the given hashes. */
    public boolean shares(Collection<String> others) {
        return hashes.stream().anyMatch(others::contains);
    }

    static List<String> hashes(Volume image) {
        float first = image.voxels()[0];
        for (float value : image.voxels()) {
            if (value != first) {
                return List.of(ContentHash.of(image).substring(0, DIGITS));
            }
        }
        return List.of();
    }

    static List<String> hashes(LabelMap labels) {
        byte[] numbers = numbers(labels.schema());
        byte[] numbered = new byte[labels.voxels().length];
        boolean isEmpty = true;
        for (int i = 0; i < numbered.length; i++) {
            numbered[i] = numbers[labels.voxels()[i]];
            isEmpty &= numbered[i] == 0;
        }
        return isEmpty ? List.of() : List.of(ContentHash.of(numbered).substring(0, DIGITS));
    }

    /** The number of each label value: that of a class of BraTS, or one above these in the order of the names. */
    private static byte[] numbers(LabelSpace labels) {
        List<LabelClass> others = labels.values().values().stream()
                .filter(one -> !NUMBERED.contains(one))
                .distinct()
                .sorted(Comparator.comparing(LabelClass::name))
                .toList();
        byte[] numbers = new byte[LabelSpace.LARGEST_VALUE + 1];
        labels.values()
                .forEach((value, one) -> numbers[value] = (byte)
                        (1 + (NUMBERED.contains(one) ? NUMBERED.indexOf(one) : NUMBERED.size() + others.indexOf(one))));
        return numbers;
    }
}
