package dev.preceptor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.preceptor.testing.WithoutTests;
import java.util.List;
import java.util.Set;

/** Which package of this module may import which, and who may see libtorch. */
@AnalyzeClasses(packages = "dev.preceptor", importOptions = WithoutTests.class)
class LearningFloorsTest {
    private static final List<String> FLOORS = List.of(
            "tensor",
            "parallel",
            "onnx",
            "network",
            "augment",
            "data",
            "quality",
            "loss",
            "distill",
            "model",
            "infer",
            "optim",
            "recipe",
            "run",
            "store",
            "plan",
            "track",
            "train");
    private static final Set<String> NATIVE = Set.of(
            "tensor",
            "parallel",
            "onnx",
            "network",
            "loss",
            "distill",
            "model",
            "infer",
            "optim",
            "recipe",
            "run",
            "plan",
            "train");

    @ArchTest
    static final ArchRule aPackageImportsOnlyFloorsBelowItsOwn = floors();

    @ArchTest
    static final ArchRule noPackagesDependOnEachOtherInACircle = SlicesRuleDefinition.slices()
            .matching("dev.preceptor.(**)")
            .should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheFloorsThatTouchTensorsImportLibtorch = noClasses()
            .that(DescribedPredicate.describe("are not of a floor that touches tensors", c -> !touchesTensors(c)))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule everyClassHasAFloor = classes()
            .that()
            .resideInAPackage("dev.preceptor..")
            .and(DescribedPredicate.describe("are of this module", LearningFloorsTest::isLearning))
            .should()
            .resideInAnyPackage(FLOORS.stream().map(LearningFloorsTest::tree).toArray(String[]::new));

    private static ArchRule floors() {
        Architectures.LayeredArchitecture rule =
                Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String floor : FLOORS) {
            rule = rule.optionalLayer(floor).definedBy(tree(floor));
        }
        for (int i = 0; i < FLOORS.size(); i++) {
            rule = i == FLOORS.size() - 1
                    ? rule.whereLayer(FLOORS.get(i)).mayNotBeAccessedByAnyLayer()
                    : rule.whereLayer(FLOORS.get(i))
                            .mayOnlyBeAccessedByLayers(
                                    FLOORS.subList(i + 1, FLOORS.size()).toArray(String[]::new));
        }
        return rule;
    }

    private static String tree(String floor) {
        return "dev.preceptor." + floor + "..";
    }

    private static boolean isLearning(JavaClass c) {
        return c.getSource()
                .map(source -> source.getUri().toString().contains("/learning/"))
                .orElse(false);
    }

    private static boolean touchesTensors(JavaClass c) {
        return NATIVE.stream().anyMatch(floor -> c.getPackageName().startsWith("dev.preceptor." + floor))
                || c.getName().equals("dev.preceptor.data.Batch")
                || c.getName().startsWith("dev.preceptor.data.Batch$");
    }
}
