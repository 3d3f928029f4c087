package dev.preceptor.cohort;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Tissue;
import dev.preceptor.volume.Volume;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The content hashes of a subject, by which it is recognised under any id to detect leakage: one hash of the voxels of each
 * image and one of the tissues of its label map. They do not depend on compression, data type, file name and label numbers;
 * they change if the grid changes.
 *
 * @param id the subject
 * @param hashes 16 hexadecimal digits each, sorted; constant images and empty label maps have none
 */
public record SubjectContent(String id, List<String> hashes) {
    /** 64 bits: enough to rule out collisions among all subjects, short enough to be stored in every model. */
    private static final int DIGITS = 16;

    /**
     * The number of each tissue. It never changes because the hashes are stored in models. The first four are those of
     * BraTS 2024.
     */
    private static final LabelSchema NUMBERS = new LabelSchema(
            "CONTENT", Map.of(1, Tissue.NCR, 2, Tissue.ED, 3, Tissue.ET, 4, Tissue.RC, 5, Tissue.CC, 6, Tissue.IGNORE));

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
        byte[] tissues = labels.as(NUMBERS).voxels();
        for (byte tissue : tissues) {
            if (tissue != 0) {
                return List.of(ContentHash.of(tissues).substring(0, DIGITS));
            }
        }
        return List.of();
    }
}
