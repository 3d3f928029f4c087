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
 * What a subject is known by, whatever it is called: a hash of the voxels of each of its images, and one of the tissues of
 * its label map. Compression, datatype, file name and the numbers of the labels do not change them; another grid does.
 *
 * @param id the subject
 * @param hashes 16 hexadecimal digits each, sorted; none of what is the same everywhere, so none for an empty label map
 */
public record SubjectContent(String id, List<String> hashes) {
    /** 64 bits: enough against chance among all subjects there are, short enough to be kept in every model. */
    private static final int DIGITS = 16;

    /** One number for each tissue, the same in every version: hashes are kept in models. The first four are BraTS 2024's. */
    private static final LabelSchema NUMBERS = new LabelSchema(
            "CONTENT", Map.of(1, Tissue.NCR, 2, Tissue.ED, 3, Tissue.ET, 4, Tissue.RC, 5, Tissue.CC, 6, Tissue.IGNORE));

    public SubjectContent {
        hashes = List.copyOf(new TreeSet<>(hashes));
    }

    /** Reads all files of a subject. */
    public static SubjectContent of(Subject subject) {
        return SubjectScan.of(subject, List.of()).content();
    }

    /** Of a label map alone. */
    public static SubjectContent of(String id, LabelMap labels) {
        return new SubjectContent(id, hashes(labels));
    }

    /** The same subject with the hashes of another reading as well. */
    public SubjectContent and(SubjectContent other) {
        return new SubjectContent(
                id, Stream.concat(hashes.stream(), other.hashes.stream()).toList());
    }

    /** Whether some image or the label map is the same. */
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
