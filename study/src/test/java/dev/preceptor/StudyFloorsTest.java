package dev.preceptor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.preceptor.testing.WithoutTests;
import java.util.stream.Stream;

/** The packages of this module in their order: html, statistics, leakage, report, study. Each imports only those before it. */
@AnalyzeClasses(
        packages = {
            "dev.preceptor.html",
            "dev.preceptor.statistics",
            "dev.preceptor.leakage",
            "dev.preceptor.report",
            "dev.preceptor.study"
        },
        importOptions = WithoutTests.class)
class StudyFloorsTest {
    @ArchTest
    static final ArchRule HTML_STANDS_ON_TABLES_AND_VOLUMES = classes()
            .that()
            .resideInAPackage("dev.preceptor.html..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.preceptor.html..",
                    "dev.preceptor.table..",
                    "dev.preceptor.volume..",
                    "dev.preceptor.base..",
                    "java..");

    @ArchTest
    static final ArchRule STATISTICS_KNOW_NEITHER_STUDIES_NOR_NETWORKS =
            below("statistics", "html", "leakage", "report", "study", "train", "run", "network", "model");

    @ArchTest
    static final ArchRule LEAKAGE_KNOWS_NO_STUDY = below("leakage", "html", "statistics", "report", "study");

    @ArchTest
    static final ArchRule REPORT_KNOWS_NO_STUDY = below("report", "study");

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            slices().matching("dev.preceptor.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule RESULTS_KNOW_NO_WRITER = noClasses()
            .that()
            .haveFullyQualifiedName("dev.preceptor.study.StudyResult")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(
                    "dev\\.preceptor\\.(study\\.(StudyFiles|StudyDocuments|StudyTables|ComparisonCsv)|table\\..*)");

    @ArchTest
    static final ArchRule TENSORS_STAY_BELOW =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.bytedeco..");

    private static ArchRule below(String name, String... above) {
        return noClasses()
                .that()
                .resideInAPackage("dev.preceptor." + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(Stream.of(above)
                        .map(other -> "dev.preceptor." + other + "..")
                        .toArray(String[]::new));
    }
}
