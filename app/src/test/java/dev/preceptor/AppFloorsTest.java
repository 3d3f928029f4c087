package dev.preceptor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.preceptor.testing.WithoutTests;

/** What this module may touch inside. */
@AnalyzeClasses(packages = "dev.preceptor.cli", importOptions = WithoutTests.class)
class AppFloorsTest {
    @ArchTest
    static final ArchRule TENSORS_STAY_BELOW =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.bytedeco..");
}
