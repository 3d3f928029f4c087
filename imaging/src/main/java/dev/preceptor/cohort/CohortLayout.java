package dev.preceptor.cohort;

/** How the files of a data set are arranged. */
public enum CohortLayout {
    /**
     * One folder for each subject and one file for each sequence, {@code <id>_t1ce.nii.gz} or {@code <id>-t1c.nii.gz}:
     * BraTS of any year.
     */
    BRATS("BraTS folders"),
    /** Brain Imaging Data Structure: {@code sub-01/ses-02/anat/sub-01_ses-02_ce-gadolinium_T1w.nii.gz}. */
    BIDS("BIDS"),
    /** Medical Segmentation Decathlon: {@code dataset.json}, one 4-D file for each subject. */
    MSD("Medical Segmentation Decathlon"),
    /** nnU-Net raw data: {@code dataset.json}, {@code imagesTr/<id>_0000.nii.gz}, {@code labelsTr/<id>.nii.gz}. */
    NNUNET("nnU-Net raw"),
    /** One folder for each subject with the DICOM series of one study, in any arrangement; no label maps. */
    DICOM("DICOM folders");

    private final String title;

    CohortLayout(String title) {
        this.title = title;
    }

    @Override
    public String toString() {
        return title;
    }
}
