package org.palimpsest.similarity.filters;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.text.Suggestions;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * A distribution that weights are drawn from, as far as a layer's shape decides it.
 *
 * <p>Fan-in is counted as PyTorch does ({@link FilterBank.Layout#pytorchFanIn()}). Truncated normal
 * values are cut at two standard deviations, as Keras and TensorFlow do; the standard deviation
 * that is meant here is that of the weights after the cut.
 *
 * <p>What is compared with it are the weights of a layer as they are after training: where they are
 * still distributed like this, the layer {@linkplain FilterRandomness looks as if it was never
 * trained}.
 *
 * <pre>{@code
 * Initialisation start = Initialisation.named("nnunet");
 * double sd = start.standardDeviation(layout); // √(2 / 1.0001 / fan-in)
 * }</pre>
 *
 * <p>Immutable.
 */
public final class Initialisation {

  private static final double LEAK_OF_NNUNET = 0.01;

  private static final Map<String, Initialisation> USUAL = usual();

  private final String name;
  private final ValueForm form;
  private final ToDoubleFunction<FilterBank.Layout> standardDeviation;

  private Initialisation(
      String name, ValueForm form, ToDoubleFunction<FilterBank.Layout> standardDeviation) {
    this.name = name;
    this.form = form;
    this.standardDeviation = standardDeviation;
  }

  private static Map<String, Initialisation> usual() {
    Map<String, Initialisation> usual = new LinkedHashMap<>();
    add(usual, "pytorch-default", ValueForm.UNIFORM, byFanIn(1.0 / 3));
    add(usual, "monai", ValueForm.UNIFORM, byFanIn(1.0 / 3));
    add(usual, "nnunet", ValueForm.NORMAL, byFanIn(2 / (1 + LEAK_OF_NNUNET * LEAK_OF_NNUNET)));
    add(usual, "keras-default", ValueForm.UNIFORM, Initialisation::glorot);
    add(usual, "glorot-uniform", ValueForm.UNIFORM, Initialisation::glorot);
    add(usual, "glorot-normal", ValueForm.TRUNCATED_NORMAL, Initialisation::glorot);
    add(usual, "xavier-normal", ValueForm.NORMAL, Initialisation::glorot);
    add(usual, "he-uniform", ValueForm.UNIFORM, byFanIn(2));
    add(usual, "he-normal", ValueForm.NORMAL, byFanIn(2));
    add(usual, "keras-he-normal", ValueForm.TRUNCATED_NORMAL, byFanIn(2));
    add(usual, "lecun-uniform", ValueForm.UNIFORM, byFanIn(1));
    add(usual, "lecun-normal", ValueForm.TRUNCATED_NORMAL, byFanIn(1));
    for (ValueForm form : ValueForm.values()) {
      add(usual, form.words().replace(' ', '-'), form, layout -> Double.NaN);
    }
    return usual;
  }

  private static void add(
      Map<String, Initialisation> usual,
      String name,
      ValueForm form,
      ToDoubleFunction<FilterBank.Layout> standardDeviation) {
    usual.put(name, new Initialisation(name, form, standardDeviation));
  }

  private static ToDoubleFunction<FilterBank.Layout> byFanIn(double gain) {
    return layout -> Math.sqrt(gain / layout.pytorchFanIn());
  }

  /** By both axes of channels as they are stored, of which one alone is parted by groups. */
  private static double glorot(FilterBank.Layout layout) {
    double inputs = (double) layout.inputChannels() * layout.groups();
    double outputs = layout.filters() / (double) layout.groups();
    return Math.sqrt(2 / (layout.kernelSize() * (inputs + outputs)));
  }

  /**
   * The start of this name.
   *
   * <ul>
   *   <li>{@code pytorch-default}, {@code monai}: uniform, {@code kaiming_uniform(a = √5)};
   *   <li>{@code nnunet}: normal, {@code kaiming_normal(a = 0.01)};
   *   <li>{@code keras-default}, {@code glorot-uniform}: uniform; {@code glorot-normal}: truncated
   *       normal, {@code xavier-normal}: normal (Glorot and Bengio 2010);
   *   <li>{@code he-uniform}, {@code he-normal}, {@code keras-he-normal} (truncated) (He et al.
   *       2015); {@code lecun-uniform}, {@code lecun-normal} (truncated);
   *   <li>{@code uniform}, {@code normal}, {@code truncated-normal}, {@code orthogonal}: of any
   *       scale; {@code uniform:BOUND}, {@code normal:SD}: of this one.
   * </ul>
   *
   * @throws PalimpsestException if there is none
   */
  public static Initialisation named(String name) {
    String wanted = name.strip().replace('_', '-');
    Initialisation found = USUAL.get(wanted);
    if (found != null) {
      return found;
    }
    int colon = wanted.indexOf(':');
    DoubleFunction<Initialisation> scaled =
        switch (colon < 0 ? "" : wanted.substring(0, colon)) {
          case "uniform" -> Initialisation::uniform;
          case "normal" -> Initialisation::normal;
          default -> throw unknown(name);
        };
    try {
      return scaled.apply(Double.parseDouble(wanted.substring(colon + 1)));
    } catch (NumberFormatException noNumber) {
      throw unknown(name);
    }
  }

  private static PalimpsestException unknown(String name) {
    return new PalimpsestException(
        "There is no start '%s'. The nearest names are: %s; all: %s, uniform:BOUND, normal:SD."
            .formatted(
                name,
                String.join(", ", Suggestions.nearest(name, USUAL.keySet())),
                String.join(", ", USUAL.keySet())));
  }

  /** Uniform between ±√(6 / fan-in) (He et al. 2015, arXiv:1502.01852). */
  public static Initialisation heUniform() {
    return named("he-uniform");
  }

  /** Normal of standard deviation √(2 / fan-in) (He et al. 2015, arXiv:1502.01852). */
  public static Initialisation heNormal() {
    return named("he-normal");
  }

  /**
   * What PyTorch's convolutions and linear layers start from: {@code kaiming_uniform(a = √5)},
   * which is uniform between ±1 / √fan-in.
   */
  public static Initialisation pytorchDefault() {
    return named("pytorch-default");
  }

  /**
   * Uniform between ±{@code bound} in every layer, of standard deviation {@code bound} / √3.
   *
   * @param bound positive and finite
   * @throws PalimpsestException if it is not
   */
  public static Initialisation uniform(double bound) {
    requirePositive("bound", bound);
    return new Initialisation(
        "uniform:" + bound, ValueForm.UNIFORM, layout -> bound / Math.sqrt(3));
  }

  /**
   * Normal of mean 0 and the given standard deviation in every layer.
   *
   * @param standardDeviation positive and finite
   * @throws PalimpsestException if it is not
   */
  public static Initialisation normal(double standardDeviation) {
    requirePositive("standard deviation", standardDeviation);
    return new Initialisation(
        "normal:" + standardDeviation, ValueForm.NORMAL, layout -> standardDeviation);
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new PalimpsestException(
          "The %s of an initialisation is %s; it must be positive.".formatted(what, value));
    }
  }

  /** Its name, which {@link #named} takes again. */
  public String name() {
    return name;
  }

  ValueForm form() {
    return form;
  }

  /**
   * The standard deviation of a layer's weights, in the unit of the weights; NaN if the start has
   * no scale of its own, as {@code orthogonal} and {@code normal} without a number have none.
   *
   * @param layout the layer's shape
   */
  public double standardDeviation(FilterBank.Layout layout) {
    return standardDeviation.applyAsDouble(layout);
  }

  @Override
  public String toString() {
    return name;
  }
}
