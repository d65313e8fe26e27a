package org.palimpsest.examples;

import static com.tngtech.archunit.base.DescribedPredicate.anyElementThat;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.measure.Prepared;

/** Data goes one way: which module and package may know which. */
class ArchitectureTest {

  private static final String CORE = "org.palimpsest.core..";
  private static final String FILES = "org.palimpsest.internal..";
  private static final String SIMILARITY = "org.palimpsest.similarity..";
  private static final String IO = "org.palimpsest.io..";
  private static final String REPORT = "org.palimpsest.report..";
  private static final String CLAIMS = "org.palimpsest.claims..";
  private static final String CLI = "org.palimpsest.cli..";
  private static final String REPRODUCTION = "org.palimpsest.reproduction..";
  private static final String EXAMPLES = "org.palimpsest.examples..";

  /** The statistics of claims: of one home with all others, and used by the module of claims. */
  private static final String DESIGNS = "org.palimpsest.similarity.internal.statistics..";

  private static final String EJML = "org.ejml..";
  private static final String DJL = "ai.djl..";
  private static final String[] DL4J = {"org.deeplearning4j..", "org.nd4j.autodiff.."};
  private static final String[] PLOTS = {"org.jfree..", "org.apache.batik..", "java.awt.."};
  private static final String FILE_SYSTEM = "java.nio.file..";

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.palimpsest");

  @Test
  void coreKnowsNoOtherModule() {
    isIgnorantOf(CORE, FILES, SIMILARITY, IO, REPORT, CLAIMS, CLI, REPRODUCTION, EXAMPLES);
  }

  @Test
  void similarityKnowsOnlyCore() {
    isIgnorantOf(SIMILARITY, FILES, IO, REPORT, CLAIMS, CLI, REPRODUCTION, EXAMPLES);
  }

  @Test
  void filesKnowOnlyCore() {
    isIgnorantOf(FILES, SIMILARITY, IO, REPORT, CLAIMS, CLI, REPRODUCTION, EXAMPLES);
  }

  @Test
  void ioAndReportKnowOnlyCoreAndFiles() {
    isIgnorantOf(IO, SIMILARITY, REPORT, CLAIMS, CLI, REPRODUCTION, EXAMPLES);
    isIgnorantOf(REPORT, SIMILARITY, IO, CLAIMS, CLI, REPRODUCTION, EXAMPLES);
  }

  @Test
  void nothingThatIsPublishedKnowsTheExamples() {
    isIgnorantOf(CLAIMS, CLI, REPRODUCTION, EXAMPLES);
    isIgnorantOf(CLI, REPRODUCTION, EXAMPLES);
    isIgnorantOf(REPRODUCTION, EXAMPLES);
  }

  @Test
  void internalPackagesServeTheirModules() {
    for (String module : List.of("io", "report", "claims")) {
      staysIn("org.palimpsest." + module + ".internal..", "org.palimpsest." + module + "..");
    }
    staysIn(DESIGNS, SIMILARITY, CLAIMS);
    noClasses()
        .that()
        .resideOutsideOfPackage(SIMILARITY)
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.palimpsest.similarity.internal..")
                .and(not(resideInAPackage(DESIGNS))))
        .check(OURS);
    isIgnorantOf(CLI, "org.palimpsest.core.internal..");
    isIgnorantOf(REPRODUCTION, "org.palimpsest.core.internal..");
    isIgnorantOf(EXAMPLES, "org.palimpsest..internal..");
  }

  @Test
  void neitherCoreNorSimilarityKnowsFilesOrPlots() {
    isIgnorantOf(CORE, FILE_SYSTEM);
    isIgnorantOf(SIMILARITY, FILE_SYSTEM);
    isIgnorantOf(CORE, PLOTS);
    isIgnorantOf(SIMILARITY, PLOTS);
  }

  @Test
  void ejmlStaysInsideSimilarity() {
    staysIn(EJML, SIMILARITY);
  }

  @Test
  void noPublicSignatureShowsEjml() {
    DescribedPredicate<JavaClass> ofEjml = resideInAPackage(EJML);
    codeUnits()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should()
        .notHaveRawParameterTypes(anyElementThat(ofEjml))
        .andShould()
        .notHaveRawReturnType(ofEjml)
        .check(OURS);
    fields().that().arePublic().should().notHaveRawType(ofEjml).check(OURS);
  }

  @Test
  void deepLearningLibrariesStayInThePackagesNamedAfterThem() {
    staysIn(DJL, "org.palimpsest.io.djl..", "org.palimpsest.io.internal.djl..", REPRODUCTION);
    for (String library : DL4J) {
      staysIn(library, "org.palimpsest.io.dl4j..");
    }
  }

  /** The module {@code spark} is of a profile of the build, and has a test of its own. */
  @Test
  void nothingHereKnowsSpark() {
    isIgnorantOf(
        "org.palimpsest..", "org.palimpsest.spark..", "org.apache.spark..", "org.apache.hadoop..");
  }

  @Test
  void onlyCommandsKnowTheCommandLineLibrary() {
    staysIn("picocli..", CLI, REPRODUCTION);
  }

  @Test
  void nothingBringsSerialisedObjectsToLife() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.io\\.Object(Input|Output)Stream|java\\.io\\.Externalizable|java\\.beans\\.XML.*|java\\.rmi\\..*|javax\\.naming\\..*|org\\.yaml\\..*\\.constructor\\.Constructor")
        .check(OURS);
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.YamlFiles(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("org\\.yaml\\..*")
        .check(OURS);
    noClasses()
        .should()
        .callMethodWhere(
            target(owner(nameMatching("org\\.deeplearning4j\\.util\\.ModelSerializer")))
                .and(target(nameMatching("restore.*"))))
        .orShould()
        .callMethodWhere(target(nameMatching("(enable|activate)DefaultTyping.*")))
        .check(OURS);
    classes()
        .that()
        .areAssignableTo(Prepared.class)
        .should()
        .notBeAssignableTo(Serializable.class)
        .check(OURS);
  }

  @Test
  void classesAreLoadedByNameWhereTheNameIsOurOwn() {
    noClasses()
        .that()
        .doNotHaveSimpleName("OptionalLibrary")
        .and()
        .doNotHaveSimpleName("BlockWatch")
        .should()
        .callMethodWhere(target(nameMatching("forName|loadClass|defineClass")))
        .check(OURS);
  }

  @Test
  void packagesFormNoCircles() {
    slices().matching("org.palimpsest.(**)").should().beFreeOfCycles().check(OURS);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(OURS.stream().map(JavaClass::getPackage).distinct())
        .isNotEmpty()
        .allMatch(
            onePackage -> onePackage.isAnnotatedWith(NullMarked.class),
            "has a package-info with @NullMarked");
  }

  private static void isIgnorantOf(String module, String... others) {
    noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .allowEmptyShould(true)
        .check(OURS);
  }

  private static void staysIn(String library, String... rooms) {
    noClasses()
        .that()
        .resideOutsideOfPackages(rooms)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(OURS);
  }
}
