package dev.preceptor.leakage;

/**
 * A subject of an evaluation that a model had met.
 *
 * @param subject its id in the evaluation
 * @param model which model, as it was called there
 * @param use what the model had used it for
 * @param met its id in the training
 * @param sign by what it was known
 */
public record Leak(String subject, String model, Use use, String met, Sign sign) {
    /** What a model uses a subject for. */
    public enum Use {
        /** It was learned from: the score says nothing about unseen patients. */
        TRAINING("trained on it"),
        /** It decided about schedule or weights: the score is optimistic. */
        SELECTION("was selected by it");

        private final String verb;

        Use(String verb) {
            this.verb = verb;
        }
    }

    /** By what a subject is known. */
    public enum Sign {
        /** The same id. */
        ID("same id"),
        /** Another id of the same patient by the mapping of names. */
        MAPPING("same patient by the name mapping"),
        /** The same voxels in some image or the label map. */
        VOXELS("same voxels");

        private final String words;

        Sign(String words) {
            this.words = words;
        }
    }

    /** In words: {@code student trained on it: same voxels as BraTS2021_00017}. */
    public String reason() {
        return model + " " + use.verb + ": " + sign.words + (sign == Sign.ID ? "" : " as " + met);
    }
}
