package dev.preceptor;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The packages of this module stand on each other like floors; an import goes down only. */
@AnalyzeClasses(packages = "dev.preceptor", importOptions = ImportOption.DoNotIncludeTests.class)
class FloorsTest {
    @ArchTest
    static final ArchRule BASE_STANDS_ON_NOTHING =
            floor("base", "table", "volume", "nifti", "dicom", "metrics", "cohort", "phantom");

    @ArchTest
    static final ArchRule TABLE_STANDS_ON_NOTHING =
            floor("table", "base", "volume", "nifti", "dicom", "metrics", "cohort", "phantom");

    @ArchTest
    static final ArchRule VOLUME_STANDS_ON_BASE = floor("volume", "nifti", "dicom", "metrics", "cohort", "phantom");

    @ArchTest
    static final ArchRule NIFTI_STANDS_ON_VOLUME = floor("nifti", "dicom", "metrics", "cohort", "phantom");

    @ArchTest
    static final ArchRule DICOM_STANDS_ON_VOLUME = floor("dicom", "nifti", "metrics", "cohort", "phantom");

    @ArchTest
    static final ArchRule METRICS_STANDS_ON_COHORT = floor("metrics", "phantom");

    @ArchTest
    static final ArchRule COHORT_STANDS_ON_NIFTI = floor("cohort", "metrics", "phantom");

    @ArchTest
    static final ArchRule PHANTOM_STANDS_ON_COHORT = floor("phantom", "metrics");

    @ArchTest
    static final ArchRule DICOMWEB_STANDS_ON_DICOM =
            floor("dicomweb", "table", "nifti", "metrics", "cohort", "phantom");

    @ArchTest
    static final ArchRule NOTHING_STANDS_ON_DICOMWEB = noClasses()
            .that()
            .resideOutsideOfPackage("dev.preceptor.dicomweb..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.preceptor.dicomweb..");

    @ArchTest
    static final ArchRule MULTIPART_KNOWS_NO_CLIENT = noClasses()
            .that()
            .haveNameMatching("dev\\.preceptor\\.dicomweb\\.(Multipart.*|HeaderValue)")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.preceptor..")
                    .and(not(nameMatching("(\\[L)?dev\\.preceptor\\.dicomweb\\.(Multipart.*|HeaderValue)"))));

    @ArchTest
    static final ArchRule NOTHING_HERE_KNOWS_LIBTORCH = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..", "dev.preceptor.tensor..", "dev.preceptor.network..");

    @ArchTest
    static final ArchRule EVALUATION_KNOWS_NO_WRITER = noClasses()
            .that()
            .haveFullyQualifiedName("dev.preceptor.metrics.Evaluation")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("dev\\.preceptor\\.(table\\..*|base\\.(Atomic|Json)Files"
                    + "|metrics\\.(Evaluation(Files|Tables|Text)|ScoresJson|NnUNetSummary))");

    private static ArchRule floor(String name, String... above) {
        String[] packages = new String[above.length];
        for (int i = 0; i < above.length; i++) {
            packages[i] = "dev.preceptor." + above[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage("dev.preceptor." + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages);
    }
}
