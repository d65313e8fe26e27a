package org.palimpsest.similarity.filters;

import java.util.function.ToDoubleFunction;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.weights.FilterLayout;

/**
 * A distribution that weights are drawn from, as far as a layer's shape decides it.
 *
 * <p>Fan-in is counted as PyTorch does ({@link FilterLayout#pytorchFanIn()}).
 */
public final class Initialisation {

  private enum Form {
    UNIFORM,
    NORMAL
  }

  private final String name;
  private final Form form;
  private final ToDoubleFunction<FilterLayout> standardDeviation;

  private Initialisation(String name, Form form, ToDoubleFunction<FilterLayout> standardDeviation) {
    this.name = name;
    this.form = form;
    this.standardDeviation = standardDeviation;
  }

  /** Uniform between ±√(6 / fan-in) (He et al. 2015, arXiv:1502.01852). */
  public static Initialisation heUniform() {
    return new Initialisation("he-uniform", Form.UNIFORM, heStandardDeviation());
  }

  /** Normal of standard deviation √(2 / fan-in) (He et al. 2015, arXiv:1502.01852). */
  public static Initialisation heNormal() {
    return new Initialisation("he-normal", Form.NORMAL, heStandardDeviation());
  }

  /**
   * What PyTorch's convolutions and linear layers start from: {@code kaiming_uniform(a = √5)},
   * which is uniform between ±1 / √fan-in.
   */
  public static Initialisation pytorchDefault() {
    return new Initialisation(
        "pytorch-default", Form.UNIFORM, layout -> Math.sqrt(1.0 / (3.0 * layout.pytorchFanIn())));
  }

  /** Uniform between ±{@code bound} in every layer. */
  public static Initialisation uniform(double bound) {
    requirePositive("bound", bound);
    return new Initialisation("uniform:" + bound, Form.UNIFORM, layout -> bound / Math.sqrt(3));
  }

  /** Normal of mean 0 and the given standard deviation in every layer. */
  public static Initialisation normal(double standardDeviation) {
    requirePositive("standard deviation", standardDeviation);
    return new Initialisation(
        "normal:" + standardDeviation, Form.NORMAL, layout -> standardDeviation);
  }

  private static ToDoubleFunction<FilterLayout> heStandardDeviation() {
    return layout -> Math.sqrt(2.0 / layout.pytorchFanIn());
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new PalimpsestException(
          "The %s of an initialisation is %s; it must be positive.".formatted(what, value));
    }
  }

  public String name() {
    return name;
  }

  /** The standard deviation of a layer's weights. */
  public double standardDeviation(FilterLayout layout) {
    return standardDeviation.applyAsDouble(layout);
  }

  /** The probability of a standardised weight of at most {@code z}. */
  double standardCdf(double z) {
    double root3 = Math.sqrt(3);
    return switch (form) {
      case UNIFORM -> Math.max(0, Math.min(1, (z / root3 + 1) / 2));
      case NORMAL -> Gaussian.cdf(z);
    };
  }

  /** The fourth standardised moment. */
  double kurtosis() {
    return form == Form.UNIFORM ? 1.8 : 3;
  }

  @Override
  public String toString() {
    return name;
  }
}
