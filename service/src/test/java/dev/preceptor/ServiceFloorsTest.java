package dev.preceptor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.preceptor.testing.WithoutTests;

/** The packages of this module in their order: http, viewer, service. Each imports only those before it. */
@AnalyzeClasses(
        packages = {"dev.preceptor.http", "dev.preceptor.viewer", "dev.preceptor.service"},
        importOptions = WithoutTests.class)
class ServiceFloorsTest {
    @ArchTest
    static final ArchRule HTTP_KNOWS_NO_IMAGES = classes()
            .that()
            .resideInAPackage("dev.preceptor.http..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.preceptor.http..",
                    "dev.preceptor.base..",
                    "org.eclipse.jetty..",
                    "org.slf4j..",
                    "tools.jackson..",
                    "java..",
                    "javax.crypto..");

    @ArchTest
    static final ArchRule JETTY_IS_KNOWN_TO_HTTP_ALONE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.preceptor.http..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.jetty..");

    @ArchTest
    static final ArchRule VIEWER_KNOWS_NO_SERVICE = noClasses()
            .that()
            .resideInAPackage("dev.preceptor.viewer..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.preceptor.service..");

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            slices().matching("dev.preceptor.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NOTHING_HERE_KNOWS_THE_COMMAND_LINE =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("dev.preceptor.cli..", "picocli..");
}
