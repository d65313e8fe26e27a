package org.palimpsest.similarity;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/**
 * A measure that can be asked for by name, as {@link Measures#catalogue} lists them. A plug-in
 * lists its own in the same way, and they can then be named on the command line:
 *
 * <pre>{@code
 * MeasureEntry entry = MeasureEntry.of("mean_cosine", MeanCosine::new);
 * MeasureEntry other = MeasureEntry.parsing("top", "K", text -> new Top(Integer.parseInt(text)));
 * }</pre>
 *
 * <p>Names are made of letters, digits, {@code _} and {@code -}; what follows a colon is for the
 * measure. Immutable, as the measures that it makes should be.
 */
public final class MeasureEntry {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");

  private final String name;
  private final String parameters;
  private final Function<MeasureParameters, Measure<?>> factory;

  private MeasureEntry(
      String name, String parameters, Function<MeasureParameters, Measure<?>> factory) {
    this.name = name;
    this.parameters = parameters;
    this.factory = factory;
  }

  /**
   * A measure without parameters; any that are given are refused.
   *
   * @param name what it is asked for by; the measure's own name is the same
   * @param factory makes it, each time anew
   */
  public static MeasureEntry of(String name, Supplier<? extends Measure<?>> factory) {
    return new MeasureEntry(
        name,
        "",
        parameters -> {
          parameters.requireAtMost(0);
          return factory.get();
        });
  }

  /**
   * A measure with parameters, which it understands itself.
   *
   * @param parameters what may follow the name after a colon, for people
   * @param factory makes the measure of what did follow, an empty text for the defaults; throws a
   *     {@link org.palimpsest.core.PalimpsestException} at what it does not understand
   * @param name what it is asked for by; the measure's own name is the same, or begins so before a
   *     colon
   */
  public static MeasureEntry parsing(
      String name, String parameters, Function<String, ? extends Measure<?>> factory) {
    return new MeasureEntry(name, parameters, given -> factory.apply(given.text()));
  }

  /** A measure with parameters, which are described for people. */
  static MeasureEntry of(
      String name, String parameters, Function<MeasureParameters, Measure<?>> factory) {
    return new MeasureEntry(name, parameters, factory);
  }

  /** The same, held to its name, its failures told as those of a plug-in. */
  MeasureEntry ofPlugin(String plugin) {
    if (!NAME.matcher(name).matches()) {
      throw new PalimpsestException(
          "The plug-in %s names a measure '%s'. A name is made of letters, digits, _ and -."
              .formatted(plugin, name));
    }
    return new MeasureEntry(
        name,
        parameters,
        given -> PluginMeasure.of(Plugins.ask(plugin, () -> factory.apply(given)), name, plugin));
  }

  /** The name without parameters: {@code svcca}. */
  public String name() {
    return name;
  }

  /** What may follow the name after a colon, in words; empty if nothing may. */
  public String parameters() {
    return parameters;
  }

  /**
   * The measure with these parameters.
   *
   * @param text what followed the name and its colon; empty for the defaults
   * @throws org.palimpsest.core.PalimpsestException if the parameters cannot be understood
   */
  public Measure<?> measure(String text) {
    return factory.apply(MeasureParameters.parse(this, text));
  }

  /** The measure with its default parameters. */
  public Measure<?> example() {
    return measure("");
  }

  /** The properties of the measure with its default parameters. */
  public MeasureProperties properties() {
    return example().properties();
  }

  /** A measure of a plug-in, whose failures are told as the plug-in's. */
  private record PluginMeasure<P extends Prepared>(Measure<P> measure, String plugin)
      implements Measure<P> {

    /**
     * @param entry the name under which it was asked for
     * @throws PalimpsestException if its own name is another
     */
    static Measure<?> of(Measure<?> measure, String entry, String plugin) {
      Measure<?> guarded = new PluginMeasure<>(measure, plugin);
      String name = guarded.name();
      if (!name.equals(entry) && !name.startsWith(entry + ":")) {
        throw new PalimpsestException(
            "The plug-in %s lists a measure as '%s' that calls itself '%s'. Give both one name."
                .formatted(plugin, entry, name));
      }
      return guarded;
    }

    @Override
    public String name() {
      return Plugins.ask(plugin, measure::name);
    }

    @Override
    public MeasureProperties properties() {
      return Plugins.ask(plugin, measure::properties);
    }

    @Override
    public Preparation<P> preparation() {
      return new Guarded<>(Plugins.ask(plugin, measure::preparation), plugin);
    }

    @Override
    public Score compare(P a, P b) {
      return Plugins.ask(plugin, () -> measure.compare(a, b));
    }

    @Override
    public List<List<Score>> compareAll(LayerTable<P> layers) {
      return Plugins.ask(plugin, () -> measure.compareAll(layers));
    }

    @Override
    public List<String> cautions(P a, P b, Score score) {
      return Plugins.ask(plugin, () -> measure.cautions(a, b, score));
    }

    private record Guarded<P extends Prepared>(Preparation<P> preparation, String plugin)
        implements Preparation<P> {

      @Override
      public P prepare(Representation representation) {
        return Plugins.ask(plugin, () -> preparation.prepare(representation));
      }

      @Override
      public Optional<PreparedFormat<P>> format() {
        return Plugins.ask(plugin, preparation::format);
      }
    }
  }
}
