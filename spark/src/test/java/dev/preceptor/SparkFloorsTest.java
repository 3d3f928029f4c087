package dev.preceptor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.preceptor.testing.WithoutTests;

/** What this module may touch: all modules below it, but no tensors and no other part of Spark than its core. */
@AnalyzeClasses(packages = "dev.preceptor.spark", importOptions = WithoutTests.class)
class SparkFloorsTest {
    @ArchTest
    static final ArchRule TENSORS_STAY_BELOW =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule SPARK_IS_ITS_CORE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.spark.sql..", "org.apache.spark.ml..", "org.slf4j..", "org.apache.logging..");

    @ArchTest
    static final ArchRule THE_COMMAND_LINE_IS_ABOVE =
            noClasses().should().dependOnClassesThat().resideInAPackage("dev.preceptor.cli..");
}
