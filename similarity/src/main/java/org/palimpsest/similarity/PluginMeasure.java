package org.palimpsest.similarity;

import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Plugins;
import org.palimpsest.core.measure.LayerTable;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/** A measure of a plug-in, whose failures are told as the plug-in's. */
record PluginMeasure<P extends Prepared>(Measure<P> measure, String plugin) implements Measure<P> {

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
