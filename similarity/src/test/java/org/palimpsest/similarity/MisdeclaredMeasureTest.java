package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.cka.Cka;

/** The contract suite catches a measure that declares what it does not do. */
class MisdeclaredMeasureTest {

  /** Linear CKA, but says otherwise. */
  private record Claiming(MeasureProperties properties, double factor)
      implements Measure<Prepared> {

    @Override
    public String name() {
      return "claiming";
    }

    @Override
    public Preparation<Prepared> preparation() {
      return Cka.linear().preparation();
    }

    @Override
    public Score compare(Prepared a, Prepared b) {
      double value = factor * Cka.linear().compare(a, b).value();
      return Score.of(value, properties, Diagnostics.of(a.info().samples()));
    }
  }

  private static MeasureContract contract(
      boolean symmetric, Range range, Direction direction, double factor) {
    MeasureProperties.Builder properties = MeasureProperties.of(direction, "").range(range);
    if (!symmetric) {
      properties.asymmetric();
    }
    return MeasureContract.of(new Claiming(properties.build(), factor), 1);
  }

  private static MeasureContract honest() {
    return contract(true, Range.UNIT, Direction.SIMILARITY, 1);
  }

  @ParameterizedTest
  @EnumSource(Transformation.class)
  void aWrongPromiseAboutATransformationFails(Transformation transformation) {
    boolean ignored = Cka.linear().properties().ignores().contains(transformation);
    if (ignored) {
      honest().ignores(transformation);
      assertThatThrownBy(() -> honest().notices(transformation)).isInstanceOf(AssertionError.class);
    } else {
      honest().notices(transformation);
      assertThatThrownBy(() -> honest().ignores(transformation)).isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void aWrongPromiseOfAsymmetryFails() {
    assertThatThrownBy(contract(false, Range.UNIT, Direction.SIMILARITY, 1)::isSymmetricIfDeclared)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aWrongPromiseOfSymmetryFails() {
    Measure<?> oneSided = Measures.parse("pwcca");
    MeasureProperties declared = oneSided.properties();
    MeasureContract contract =
        MeasureContract.of(new Redeclared<>(oneSided, asSymmetric(declared)), 1);

    assertThatThrownBy(contract::isSymmetricIfDeclared).isInstanceOf(AssertionError.class);
  }

  @Test
  void aWrongRangeFails() {
    assertThatThrownBy(contract(true, new Range(0, 0.01), Direction.SIMILARITY, 1)::staysInItsRange)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aSimilarityThatDoesNotFindALayerEqualToItselfFails() {
    assertThatThrownBy(
            contract(true, Range.UNIT, Direction.SIMILARITY, 0.9)::findsALayerEqualToItself)
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(contract(true, Range.UNIT, Direction.DISTANCE, 1)::findsALayerEqualToItself)
        .isInstanceOf(AssertionError.class);
  }

  private record Redeclared<P extends org.palimpsest.core.measure.Prepared>(
      Measure<P> measure, MeasureProperties properties) implements Measure<P> {

    @Override
    public String name() {
      return measure.name();
    }

    @Override
    public Preparation<P> preparation() {
      return measure.preparation();
    }

    @Override
    public Score compare(P a, P b) {
      return measure.compare(a, b);
    }
  }

  private static MeasureProperties asSymmetric(MeasureProperties declared) {
    return MeasureProperties.of(declared.direction(), declared.description())
        .range(declared.range())
        .ignores(declared.ignores())
        .notices(declared.notices())
        .source(declared.source())
        .cost(declared.cost())
        .build();
  }
}
