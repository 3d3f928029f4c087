package dev.preceptor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.preceptor.testing.WithoutTests;

/** What this module may touch inside. */
@AnalyzeClasses(
        packages = {"dev.preceptor.study", "dev.preceptor.report", "dev.preceptor.statistics", "dev.preceptor.leakage"},
        importOptions = WithoutTests.class)
class StudyFloorsTest {
    @ArchTest
    static final ArchRule REPORT_KNOWS_NO_STUDY = noClasses()
            .that()
            .resideInAPackage("dev.preceptor.report..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.preceptor.study..");

    @ArchTest
    static final ArchRule STATISTICS_KNOW_NO_STUDY = noClasses()
            .that()
            .resideInAPackage("dev.preceptor.statistics..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.preceptor.study..", "dev.preceptor.report..", "dev.preceptor.train..");

    @ArchTest
    static final ArchRule LEAKAGE_KNOWS_NO_STUDY = noClasses()
            .that()
            .resideInAPackage("dev.preceptor.leakage..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.preceptor.study..", "dev.preceptor.report..", "dev.preceptor.statistics..");

    @ArchTest
    static final ArchRule TENSORS_STAY_BELOW =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.bytedeco..");
}
