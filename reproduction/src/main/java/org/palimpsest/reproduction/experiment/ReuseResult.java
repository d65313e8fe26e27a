package org.palimpsest.reproduction.experiment;

import java.util.List;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.io.runs.RunsFolder;

/**
 * What came of comparing the networks of a folder.
 *
 * @param folder the runs
 * @param probeCount how many probes there were
 * @param measures by which was compared
 * @param layers which layers, in the order in which they run
 * @param rows all scores, by pair, layer and measure
 * @param table all that the tracker found
 */
public record ReuseResult(
    RunsFolder folder,
    long probeCount,
    List<Measure<?>> measures,
    List<String> layers,
    List<ReuseRow> rows,
    EvolutionTable table) {

  public ReuseResult {
    measures = List.copyOf(measures);
    layers = List.copyOf(layers);
    rows = List.copyOf(rows);
  }

  /** The fingerprint of what every network saw. */
  Fingerprint probes() {
    return table.probes();
  }

  /** Whether this is one of the measures. */
  public boolean has(String measure) {
    return measures.stream().anyMatch(one -> one.name().equals(measure));
  }

  /** The comparisons of a kind, in the order in which they were made. */
  List<NetworkPair.Comparison> comparisons(NetworkPair.Kind kind) {
    return rows.stream()
        .map(row -> row.pair().comparison())
        .filter(comparison -> comparison.kind() == kind)
        .distinct()
        .toList();
  }

  /** The values of all pairs of a comparison. */
  List<Double> values(NetworkPair.Comparison comparison, String layer, String measure) {
    return rows.stream()
        .filter(row -> row.pair().comparison().equals(comparison))
        .filter(row -> row.layer().equals(layer) && row.measure().equals(measure))
        .map(ReuseRow::value)
        .toList();
  }
}
