package dev.preceptor.phantom;

/** How different the patients of a phantom cohort are. The bytes of each version stay the same for ever. */
public enum PhantomVariant {
    /** Patients of one kind on one scanner: fast to learn from, so that a few subjects suffice. */
    UNIFORM("uniform-1"),

    /**
     * Patients as various as real ones: tumours that do not enhance, bleed or are many, mass effect, bright vessels, dura,
     * plexus and sinuses, white-matter disease, and a scanner for each subject.
     */
    VARIOUS("various-1");

    private final String version;

    PhantomVariant(String version) {
        this.version = version;
    }

    /** The name of the generator; its number increases whenever the same recipe gives other bytes. */
    public String version() {
        return version;
    }
}
