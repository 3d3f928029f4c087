package dev.preceptor.leakage;

/**
 * A scored subject that a model was trained on or selected by, itself or by another scan of the patient.
 *
 * @param subject its id in the evaluation
 * @param model name of the model in the evaluation
 * @param use of the subject in the training of the model
 * @param met its id in the training; a key of {@code study.json}
 * @param sign the evidence
 */
public record Leak(String subject, String model, Use use, String met, Sign sign) {
    /** How training used a subject. */
    public enum Use {
        /** The model was trained on it: its score says nothing about unseen patients. */
        TRAINING("trained on it"),
        /** It drove the schedule or selected the weights: its score is optimistic. */
        SELECTION("was selected by it"),
        /** The model learned from its images without its labels: its score is optimistic. */
        UNLABELLED("learned from its images");

        private final String verb;

        Use(String verb) {
            this.verb = verb;
        }
    }

    /** The evidence that two subjects are the same scan, or scans of one patient. */
    public enum Sign {
        /** The same id. */
        ID("same id"),
        /** Another id of the same patient in the name mapping. */
        MAPPING("same patient by the name mapping"),
        /** The same voxels in an image or in the label map. */
        VOXELS("same voxels"),
        /** Another scan of the patient by the naming of the ids, see {@link dev.preceptor.cohort.Patients}. */
        PATIENT("same patient by id");

        private final String words;

        Sign(String words) {
            this.words = words;
        }
    }

    /** One sentence: {@code student trained on it: same voxels as BraTS2021_00017}. */
    public String reason() {
        return model + " " + use.verb + ": " + sign.words + (sign == Sign.ID ? "" : " as " + met);
    }
}
