package org.palimpsest.similarity;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;

/**
 * Every measure of the catalogue, held to what it declares, on two generic pairs of layers, and two
 * of equal widths.
 */
class MeasureContractTest {

  private static final int PAIRS = 2;

  private static final List<String> SETTINGS =
      List.of(
          "svcca:plain=0.9",
          "svcca:k=2",
          "pwcca:y",
          "shape:0",
          "shape:1",
          "gulp:1",
          "minibatch_cka:8",
          "cca_mean:tolerance=1e-6");

  /** A measure, what is done to a layer, and which pair of layers. */
  record Promise(String measure, Transformation transformation, int seed) {

    Measure<?> parsed() {
      return Measures.parse(measure);
    }
  }

  /** A measure and a pair of layers. */
  record Trial(String measure, int seed) {

    MeasureContract contract() {
      return MeasureContract.of(Measures.parse(measure), seed);
    }
  }

  @Provide
  Arbitrary<Promise> ignored() {
    return promises(MeasureProperties::ignores);
  }

  @Provide
  Arbitrary<Promise> noticed() {
    return promises(MeasureProperties::notices);
  }

  @Provide
  Arbitrary<Trial> trials() {
    return Combinators.combine(Arbitraries.of(names()), Arbitraries.integers().between(1, PAIRS))
        .as(Trial::new);
  }

  private static Arbitrary<Promise> promises(
      Function<MeasureProperties, Set<Transformation>> part) {
    List<Promise> promises =
        names().stream()
            .flatMap(
                name ->
                    part.apply(Measures.parse(name).properties()).stream()
                        .flatMap(
                            transformation ->
                                IntStream.rangeClosed(1, PAIRS)
                                    .mapToObj(seed -> new Promise(name, transformation, seed))))
            .toList();
    return Arbitraries.of(promises);
  }

  /** The whole catalogue, and other settings of what has some. */
  private static List<String> names() {
    return Stream.of(
            Measures.catalogue().stream().map(MeasureEntry::name),
            SETTINGS.stream(),
            Variants.NAMES.stream())
        .flatMap(names -> names)
        .toList();
  }

  @Property(generation = GenerationMode.EXHAUSTIVE, tries = 100_000)
  void ignoresWhatItSaysItIgnores(@ForAll("ignored") Promise promise) {
    MeasureContract.of(promise.parsed(), promise.seed()).ignores(promise.transformation());
    MeasureContract.ofEqualWidths(promise.parsed(), promise.seed())
        .ignores(promise.transformation());
  }

  @Property(generation = GenerationMode.EXHAUSTIVE, tries = 100_000)
  void noticesWhatItSaysItNotices(@ForAll("noticed") Promise promise) {
    MeasureContract.of(promise.parsed(), promise.seed()).notices(promise.transformation());
    MeasureContract.ofEqualWidths(promise.parsed(), promise.seed())
        .notices(promise.transformation());
  }

  @Property(generation = GenerationMode.EXHAUSTIVE, tries = 100_000)
  void isSymmetricExactlyIfItSaysSo(@ForAll("trials") Trial trial) {
    trial.contract().isSymmetricIfDeclared();
  }

  @Property(generation = GenerationMode.EXHAUSTIVE, tries = 100_000)
  void findsALayerEqualToItself(@ForAll("trials") Trial trial) {
    trial.contract().findsALayerEqualToItself();
  }

  @Property(generation = GenerationMode.EXHAUSTIVE, tries = 100_000)
  void staysInItsRange(@ForAll("trials") Trial trial) {
    trial.contract().staysInItsRange();
  }

  @Property(generation = GenerationMode.EXHAUSTIVE, tries = 100_000)
  void givesTheSameForFloat32(@ForAll("trials") Trial trial) {
    trial.contract().takesFloat32();
  }
}
