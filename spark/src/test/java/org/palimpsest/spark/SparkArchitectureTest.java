package org.palimpsest.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What this module may know of its neighbours. */
class SparkArchitectureTest {

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.palimpsest.spark");

  @Test
  void itKnowsWhatNeighboursShow() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.palimpsest.core.internal.[engine|random|tensor|text|weights]..",
            "org.palimpsest.similarity.internal..",
            "org.palimpsest.io.internal..",
            "org.palimpsest.claims..",
            "org.palimpsest.reproduction..",
            "org.palimpsest.examples..",
            "org.nd4j.autodiff..",
            "ai.djl..")
        .check(OURS);
  }

  /** Spark does so; this module only says what may be sent. */
  @Test
  void nothingHereBringsSerialisedObjectsToLife() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.Object(Input|Output)Stream|java\\.io\\.Externalizable")
        .check(OURS);
  }
}
