package org.palimpsest.core.measure;

import java.io.IOException;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;

/** A measure that is a function of two representations as they are. */
record FunctionMeasure(
    String name,
    MeasureProperties properties,
    ToDoubleBiFunction<Representation, Representation> value)
    implements Measure<FunctionMeasure.Unchanged> {

  private static final Pattern NAMES = Pattern.compile("[\\p{Alnum}_][\\p{Alnum}_.:=,-]*");
  private static final double ROUNDING = 1e-6;

  /** A representation as it is. */
  record Unchanged(Representation representation) implements Prepared {

    @Override
    public Representation.Info info() {
      return representation.info();
    }
  }

  /** Equal to every other, so that all such measures share what it makes. */
  private record NoPreparation() implements Preparation<Unchanged> {

    @Override
    public Unchanged prepare(Representation representation) {
      return new Unchanged(representation);
    }

    @Override
    public Optional<PreparedFormat<Unchanged>> format() {
      return Optional.of(new Format());
    }
  }

  private record Format() implements PreparedFormat<Unchanged> {

    @Override
    public void write(Unchanged prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info());
      out.writeTensor(prepared.representation().matrix());
    }

    @Override
    public Unchanged read(PreparedInput in) throws IOException {
      return new Unchanged(new Representation(in.readInfo(), in.readTensor()));
    }
  }

  FunctionMeasure {
    if (!NAMES.matcher(name).matches()) {
      throw new PalimpsestException(
          "A measure cannot be called '%s'. Name it with letters, digits and _ . - : = , such as my_measure:0.5."
              .formatted(name));
    }
  }

  @Override
  public Preparation<Unchanged> preparation() {
    return new NoPreparation();
  }

  @Override
  public Score compare(Unchanged a, Unchanged b) {
    a.info().requireSameSamples(b.info());
    double result = apply(a.representation(), b.representation());
    if (!Double.isFinite(result) || !properties.range().contains(result, ROUNDING)) {
      throw new PalimpsestException(
          "The measure '%s' gave %s for layers '%s' and '%s', which is outside its range %s. Correct its function, or the range of its properties."
              .formatted(name, result, a.info().layer(), b.info().layer(), properties.range()));
    }
    return Score.of(result, properties, Diagnostics.of(a.info().samples()));
  }

  private double apply(Representation a, Representation b) {
    try {
      return value.applyAsDouble(a, b);
    } catch (PalimpsestException refused) {
      throw refused;
    } catch (RuntimeException failure) {
      throw new PalimpsestException(
          "The function of the measure '%s' failed for layers '%s' and '%s': %s. Correct it."
              .formatted(name, a.info().layer(), b.info().layer(), failure),
          failure);
    }
  }
}
