package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads file names of the Brain Imaging Data Structure (BIDS), such as {@code sub-01_ses-02_ce-gadolinium_T1w}. The id
 * consists of subject and session, so that each session is a subject of its own. The entity {@code ce} turns T1 into T1CE;
 * the other entities ({@code acq}, {@code run}, {@code space}, {@code desc}, ...) distinguish files of the same content.
 * Source: https://bids-specification.readthedocs.io.
 */
final class BidsName {
    private static final Pattern NAME = Pattern.compile("sub-[^_\\-]+(_.+)?");
    private static final Pattern FOLDER = Pattern.compile("sub-[^_\\-]+");
    private static final Pattern ENTITY = Pattern.compile("([a-z]+)-([^_]+)");
    private static final Set<String> ENTITIES = Set.of(
            "ses",
            "sample",
            "task",
            "tracksys",
            "acq",
            "nuc",
            "voi",
            "ce",
            "trc",
            "stain",
            "rec",
            "dir",
            "run",
            "mod",
            "echo",
            "flip",
            "inv",
            "mt",
            "part",
            "proc",
            "hemi",
            "space",
            "split",
            "recording",
            "chunk",
            "seg",
            "res",
            "den",
            "label",
            "desc",
            "atlas",
            "tpl",
            "cohort",
            "from",
            "to",
            "mode",
            "scale");
    private static final Set<String> NO_AGENT = Set.of("none", "no", "pre", "native", "false", "0");
    private static final Set<String> ANATOMY = Set.of(
            "brain",
            "head",
            "skull",
            "face",
            "bone",
            "aseg",
            "aparcaseg",
            "aparc",
            "ribbon",
            "cortex",
            "gm",
            "wm",
            "csf",
            "bg",
            "sgm",
            "bs",
            "tissue",
            "tissues",
            "ventricles",
            "hippocampus",
            "cerebellum",
            "malf",
            "synthseg",
            "defacing",
            "wmh");
    /** Pipelines that segment tissue and anatomy, not tumours. */
    private static final Set<String> ANATOMICAL_PIPELINES = Set.of(
            "fmriprep", "smriprep", "freesurfer", "fastsurfer", "mriqc", "qsiprep", "xcp_d", "cat12", "synthseg");

    private BidsName() {}

    static boolean matches(String stem) {
        return NAME.matcher(stem).matches();
    }

    static List<ImageName> readings(String stem) {
        String[] parts = stem.split("_");
        Map<String, String> entities = new LinkedHashMap<>();
        StringBuilder rest = new StringBuilder();
        for (int i = 1; i < parts.length; i++) {
            Matcher entity = ENTITY.matcher(parts[i]);
            if (entity.matches() && ENTITIES.contains(entity.group(1))) {
                entities.put(entity.group(1), entity.group(2));
            } else {
                rest.append(rest.isEmpty() ? "" : "_").append(parts[i]);
            }
        }
        String id = parts[0] + (entities.containsKey("ses") ? "_ses-" + entities.get("ses") : "");
        String suffix = rest.toString();
        if (suffix.equals("mask")) {
            return List.of(new ImageName(id, ofLabels(entities)));
        }
        if (suffix.isEmpty()) {
            return List.of(new ImageName(id, new ImageName.Unrecognised()));
        }
        return ImageName.byWords(suffix).stream()
                .map(reading -> new ImageName(
                        reading.subject().isEmpty() || reading.content() instanceof ImageName.Unrecognised
                                ? id
                                : id + "_" + reading.subject(),
                        content(reading.content(), suffix, entities)))
                .toList();
    }

    private static ImageName.FileContent content(
            ImageName.FileContent content, String suffix, Map<String, String> entities) {
        if (content instanceof ImageName.Image image) {
            return ofImage(image.sequence(), entities);
        }
        if (content instanceof ImageName.Labels) {
            return ofLabels(entities);
        }
        return content instanceof ImageName.Unrecognised
                ? new ImageName.Other("its suffix " + suffix + " is neither a known sequence nor a label map")
                : content;
    }

    private static ImageName.FileContent ofImage(Sequence sequence, Map<String, String> entities) {
        String part = entities.getOrDefault("part", "mag");
        if (!part.equals("mag")) {
            return new ImageName.Other("is by its name part-" + part + " of an image, not its magnitude");
        }
        if (sequence.equals(Sequence.DWI)) {
            return new ImageName.Other(
                    "is by its name a series of diffusion images, of which no single volume is chosen; extract one and"
                            + " give the cohort another layout to use it");
        }
        boolean isEnhanced = entities.containsKey("ce")
                && !NO_AGENT.contains(entities.get("ce").toLowerCase(Locale.ROOT));
        if (isEnhanced) {
            return sequence.equals(Sequence.T1) || sequence.equals(Sequence.T1CE)
                    ? new ImageName.Image(Sequence.T1CE)
                    : new ImageName.Other("is by its name " + sequence + " after contrast agent, which is not a known"
                            + " sequence; rename it without ce- to use it as " + sequence);
        }
        if (sequence.equals(Sequence.T1) && !entities.containsKey("ce")) {
            for (String key : List.of("acq", "rec", "desc")) {
                if (ImageName.suggestsContrast(entities.getOrDefault(key, ""))) {
                    return new ImageName.Other("may be T1 or T1CE: " + key + "-" + entities.get(key)
                            + " does not say whether contrast agent was given; name it ce-<agent> or ce-none");
                }
            }
        }
        return new ImageName.Image(sequence);
    }

    private static ImageName.FileContent ofLabels(Map<String, String> entities) {
        for (String key : List.of("label", "desc", "seg", "atlas")) {
            String value = entities.getOrDefault(key, "");
            if (ANATOMY.contains(value.toLowerCase(Locale.ROOT)) || (key.equals("atlas") && !value.isEmpty())) {
                return new ImageName.Other(
                        "is by its name a segmentation of anatomy (" + key + "-" + value + "), not of the tumour");
            }
        }
        return new ImageName.Labels();
    }

    /**
     * The root of the BIDS data set that contains a file: the folder above the folder of its subject, and above
     * {@code derivatives}.
     */
    static Path root(Path top, Path folder) {
        Path end = top.toAbsolutePath().normalize();
        Path whole = folder.toAbsolutePath().normalize();
        if (!whole.startsWith(end)) {
            return whole;
        }
        Path at = end;
        for (Path step : end.relativize(whole)) {
            String name = step.toString();
            if (name.equals("derivatives") || FOLDER.matcher(name).matches()) {
                return at;
            }
            at = at.resolve(step);
        }
        return FOLDER.matcher(String.valueOf(end.getFileName())).matches() || isInsideSubject(end) ? end : whole;
    }

    private static boolean isInsideSubject(Path folder) {
        for (Path step : folder) {
            if (FOLDER.matcher(step.toString()).matches()) {
                return true;
            }
        }
        return false;
    }

    /** The anatomical pipeline in whose folder a file is; its segmentations are not of tumours. */
    static Optional<String> anatomicalPipeline(Path folder) {
        for (Path step : folder) {
            String name = step.toString().toLowerCase(Locale.ROOT).replaceAll("[-_ ]?v?\\d+(\\.\\d+)+.*$", "");
            if (ANATOMICAL_PIPELINES.contains(name)) {
                return Optional.of(step.toString());
            }
        }
        return Optional.empty();
    }

    /** The id that the folders of a file give: {@code sub-01/ses-02/anat} is {@code sub-01_ses-02}. */
    static Optional<String> idOfFolders(Path folder) {
        String session = "";
        for (Path at = folder.toAbsolutePath().normalize();
                at != null && at.getFileName() != null;
                at = at.getParent()) {
            String name = at.getFileName().toString();
            if (FOLDER.matcher(name).matches()) {
                return Optional.of(name + session);
            }
            if (name.matches("ses-[^_\\-]+")) {
                session = "_" + name;
            } else if (!name.equals("anat")) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
