package org.palimpsest.examples.experiment;

import java.util.List;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.io.runs.RunsFolder;

/**
 * What came of comparing the networks of a folder.
 *
 * @param folder the runs
 * @param probes the fingerprint of what every network saw
 * @param probeCount how many probes there were
 * @param measures by which was compared
 * @param layers which layers, in the order in which they run
 * @param rows all scores, by pair, layer and measure
 * @param networks the files, each once
 */
public record ReuseResult(
    RunsFolder folder,
    Fingerprint probes,
    long probeCount,
    List<Measure<?>> measures,
    List<String> layers,
    List<ReuseRow> rows,
    List<Provenance> networks) {

  public ReuseResult {
    measures = List.copyOf(measures);
    layers = List.copyOf(layers);
    rows = List.copyOf(rows);
    networks = List.copyOf(networks);
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
        .map(row -> row.score().value())
        .toList();
  }
}
