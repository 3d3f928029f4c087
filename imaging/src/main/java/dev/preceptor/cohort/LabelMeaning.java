package dev.preceptor.cohort;

import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.Region;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The meanings of label names, in one table. The names are those of the pages and data sets of BraTS 2012 to 2024 (GLI,
 * MEN, MET, PED, SSA), the Medical Segmentation Decathlon (Task01), FeTS and nnU-Net. A name is matched as a whole; case,
 * spaces, hyphens, underscores, slashes, "and" and British spelling do not matter, and a name may be followed by its
 * abbreviation ("enhancing tumor (ET)"). Parts of a name are never matched, because "non-enhancing tumor" contains
 * "enhancing tumor".
 */
enum LabelMeaning {
    /** Value 0. */
    BACKGROUND(
            null,
            null,
            List.of(
                    "background",
                    "BG",
                    "everything else",
                    "unlabeled",
                    "unlabelled",
                    "normal tissue",
                    "healthy tissue")),
    /** Voxels that nobody annotated; no loss and no score counts them. */
    IGNORE(LabelClass.IGNORE, null, List.of("ignore")),
    /** All of the tumour. */
    WHOLE_TUMOR(null, Region.WT, List.of("whole tumor", "WT", "complete tumor")),
    /** Necrosis, non-enhancing and enhancing tumour, cysts. */
    TUMOR_CORE(null, Region.TC, List.of("tumor core", "TC")),
    /** Both a class and a region. */
    ENHANCING_TUMOR(
            LabelClass.ET,
            Region.ET,
            List.of(
                    "enhancing tumor",
                    "ET",
                    "enhancing",
                    "enhancing tumor core",
                    "enhancing core",
                    "enhancing tissue",
                    "enhancing tumor tissue",
                    "enhancing tumor region",
                    "enhancing lesion",
                    "active tumor",
                    "AT",
                    "GD-enhancing tumor",
                    "gadolinium-enhancing tumor",
                    "contrast-enhancing tumor",
                    "contrast-enhancing tumor core",
                    "contrast-enhancing lesion")),
    /** One class in BraTS since 2017. */
    NON_ENHANCING_CORE(
            LabelClass.NCR,
            null,
            List.of(
                    "necrosis",
                    "NCR",
                    "NEC",
                    "necrotic",
                    "necrotic core",
                    "necrotic tissue",
                    "necrotic tumor",
                    "necrotic tumor core",
                    "NET",
                    "NETC",
                    "NCR/NET",
                    "NCR/NETC",
                    "NCR/NEC",
                    "NEC/NET",
                    "non-enhancing",
                    "non-enhancing tumor",
                    "non-enhancing core",
                    "non-enhancing tumor core",
                    "non-enhancing component",
                    "non-enhancing solid tumor",
                    "non-enhancing tumor and necrosis",
                    "non-enhancing and necrotic tumor core",
                    "necrosis and non-enhancing tumor",
                    "necrosis and non-enhancing tumor core",
                    "necrotic and non-enhancing",
                    "necrotic and non-enhancing tumor",
                    "necrotic and non-enhancing core",
                    "necrotic and non-enhancing tumor core",
                    "necrotic core and non-enhancing tumor",
                    "necrotic tumor core and non-enhancing tumor")),
    /** Oedema and infiltration around the tumour. */
    EDEMA(
            LabelClass.ED,
            null,
            List.of(
                    "edema",
                    "ED",
                    "peritumoral",
                    "peritumoral edema",
                    "peritumoral edematous tissue",
                    "peritumoral edematous/invaded tissue",
                    "peritumoral edematous or infiltrated tissue",
                    "peritumoral edema and infiltrated tissue",
                    "peritumoral invaded tissue",
                    "edematous tissue",
                    "vasogenic edema",
                    "invaded tissue",
                    "SNFH",
                    "FLAIR hyperintensity",
                    "non-enhancing FLAIR hyperintensity",
                    "surrounding FLAIR hyperintensity",
                    "surrounding non-enhancing hyperintensity",
                    "surrounding non-enhancing FLAIR hyperintensity",
                    "surrounding non-enhancing T2/FLAIR hyperintensity")),
    /** BraTS 2024. */
    RESECTION_CAVITY(LabelClass.RC, null, List.of("resection cavity", "RC", "surgical cavity")),
    /** BraTS PED 2024. */
    CYSTIC_COMPONENT(LabelClass.CC, null, List.of("cystic component", "CC", "cyst", "cysts", "cystic"));

    private static final Map<String, LabelMeaning> BY_NAME = byName();
    private static final int MOST_WORDS = Stream.of(values())
            .flatMap(meaning -> meaning.names.stream())
            .mapToInt(name -> words(name).size())
            .max()
            .orElseThrow();

    private final Optional<LabelClass> labelClass;
    private final Optional<Region> region;
    private final List<String> names;

    LabelMeaning(LabelClass labelClass, Region region, List<String> names) {
        this.labelClass = Optional.ofNullable(labelClass);
        this.region = Optional.ofNullable(region);
        this.names = names;
    }

    /** The class that the name stands for, if it stands for one. */
    Optional<LabelClass> labelClass() {
        return labelClass;
    }

    /** The nested region that the name stands for, if it stands for one. */
    Optional<Region> region() {
        return region;
    }

    /** The meaning of a name; empty if it is not in the table. */
    static Optional<LabelMeaning> of(String name) {
        List<String> words = words(name);
        if (words.size() > 2 * MOST_WORDS) {
            return Optional.empty();
        }
        Optional<LabelMeaning> match = Optional.ofNullable(BY_NAME.get(String.join("", words)));
        for (int cut = 1; match.isEmpty() && cut < words.size(); cut++) {
            LabelMeaning first = BY_NAME.get(String.join("", words.subList(0, cut)));
            LabelMeaning second = BY_NAME.get(String.join("", words.subList(cut, words.size())));
            match = Optional.ofNullable(first).filter(meaning -> meaning == second);
        }
        return match;
    }

    private static Map<String, LabelMeaning> byName() {
        Map<String, LabelMeaning> table = new HashMap<>();
        for (LabelMeaning meaning : values()) {
            for (String name : meaning.names) {
                LabelMeaning other = table.put(String.join("", words(name)), meaning);
                if (other != null && other != meaning) {
                    throw new IllegalStateException(name + " is in the table as " + meaning + " and as " + other);
                }
            }
        }
        return table;
    }

    private static List<String> words(String name) {
        String separated = Normalizer.normalize(name, Normalizer.Form.NFKC)
                .replaceAll("(\\p{Ll})(\\p{Lu})", "$1 $2")
                .toLowerCase(Locale.ROOT);
        List<String> words = new ArrayList<>();
        for (String word : separated.split("[^\\p{L}\\p{N}]+")) {
            if (!word.isEmpty() && !word.equals("and") && !word.equals("or")) {
                words.add(word.replace("tumour", "tumor").replace("oedema", "edema"));
            }
        }
        return words;
    }
}
