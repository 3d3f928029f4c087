package dev.preceptor.dicom;

import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Coded terms of classes and regions in DICOM segmentations, from the context groups of PS3.16: CID 7168 (brain tumour segments),
 * 7159 (lesions) and 7150 (categories).
 *
 * <p>The classes and regions of BraTS have the codes below. What BraTS calls NCR is coded as necrosis, for most of it is; in a label
 * space with a class of its own for cysts (BraTS PED) it is the non-enhancing tumour and coded so. No code of these groups means
 * resection cavity, and none a class of a user's own: they are coded as lesion, and the label text says which lesion.
 */
public final class SegmentationCodes {
    /** Morphologically abnormal structure: the category of every segment. */
    public static final CodedTerm CATEGORY = new CodedTerm("49755003", "SCT", "Morphologically Abnormal Structure");
    /** The anatomic region of every segment. */
    public static final CodedTerm BRAIN = new CodedTerm("12738006", "SCT", "Brain");
    /** The family of every algorithm. */
    public static final CodedTerm ARTIFICIAL_INTELLIGENCE = new CodedTerm("123110", "DCM", "Artificial Intelligence");
    /** Category and type of the background of a label map. */
    public static final CodedTerm BACKGROUND = new CodedTerm("125040", "DCM", "Background");

    /** The type of classes and regions without a code of their own. */
    public static final CodedTerm LESION = new CodedTerm("52988006", "SCT", "Lesion");

    private static final CodedTerm NECROSIS = new CodedTerm("6574001", "SCT", "Necrosis");
    private static final CodedTerm NON_ENHANCING = new CodedTerm("C81175", "NCIt", "Non-Enhancing Lesion");
    private static final CodedTerm EDEMA = new CodedTerm("79654002", "SCT", "Edema");
    private static final CodedTerm ENHANCING = new CodedTerm("C113842", "NCIt", "Enhancing Lesion");
    private static final CodedTerm CYST = new CodedTerm("367643001", "SCT", "Cyst");
    private static final CodedTerm PRIMARY_NEOPLASM = new CodedTerm("372087000", "SCT", "Neoplasm, Primary");

    private static final Map<LabelClass, CodedTerm> CLASSES = Map.of(
            LabelClass.NCR, NECROSIS,
            LabelClass.ED, EDEMA,
            LabelClass.ET, ENHANCING,
            LabelClass.CC, CYST);

    private static final Map<LabelClass, String> CLASS_LABELS = Map.of(
            LabelClass.NCR, "Necrotic tumour core",
            LabelClass.ED, "Peritumoural oedema",
            LabelClass.ET, "Enhancing tumour",
            LabelClass.RC, "Resection cavity",
            LabelClass.CC, "Cystic component");

    private static final String NON_ENHANCING_LABEL = "Non-enhancing tumour";
    private static final Map<String, String> REGION_LABELS = Map.of("WT", "Whole tumour", "TC", "Tumour core");
    private static final List<Region> CODED_REGIONS = List.of(Region.WT, Region.TC);

    private SegmentationCodes() {}

    /** The type of the segment of a class. */
    public static CodedTerm type(LabelSpace space, LabelClass labelClass) {
        return labelClass.equals(LabelClass.NCR) && hasCysts(space)
                ? NON_ENHANCING
                : CLASSES.getOrDefault(labelClass, LESION);
    }

    /** The type of the segment of a region: that of its class if it has only one. */
    public static CodedTerm type(LabelSpace space, Region region) {
        if (region.classes().size() == 1) {
            return type(space, region.writtenAs());
        }
        return isTumourCore(region) ? PRIMARY_NEOPLASM : LESION;
    }

    /** The label of the segment of a class, in words. */
    public static String label(LabelSpace space, LabelClass labelClass) {
        return labelClass.equals(LabelClass.NCR) && hasCysts(space)
                ? NON_ENHANCING_LABEL
                : CLASS_LABELS.getOrDefault(labelClass, labelClass.name());
    }

    /** The label of the segment of a region, in words. */
    public static String label(LabelSpace space, Region region) {
        boolean isOfBrats = CODED_REGIONS.stream().anyMatch(coded -> isLike(region, coded));
        return region.classes().size() == 1 && CLASS_LABELS.containsKey(region.writtenAs())
                ? label(space, region.writtenAs())
                : isOfBrats ? REGION_LABELS.get(region.name()) : region.name();
    }

    /** Whether a code and no text says that a segment is the region: a code that only this region of the space has. */
    static boolean isCodeOf(CodedTerm type, LabelSpace space, Region region) {
        boolean isClass = region.classes().size() == 1;
        if (isClass && region.writtenAs().equals(LabelClass.NCR) && !hasCysts(space)) {
            return type.isSameAs(NECROSIS) || type.isSameAs(NON_ENHANCING);
        }
        CodedTerm own = type(space, region);
        return !own.equals(LESION) && type.isSameAs(own);
    }

    private static boolean isTumourCore(Region region) {
        return isLike(region, Region.TC);
    }

    /** Whether a region is that of BraTS: the name and, as far as a space has them, the classes. */
    private static boolean isLike(Region region, Region ofBrats) {
        Set<LabelClass> classes = ofBrats.classes();
        return region.name().equals(ofBrats.name()) && classes.containsAll(region.classes());
    }

    private static boolean hasCysts(LabelSpace space) {
        return space.valueOf(LabelClass.CC).isPresent();
    }
}
