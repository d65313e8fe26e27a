package org.palimpsest.core.evolution;

import java.util.List;
import org.palimpsest.core.probe.Fingerprint;

/**
 * What a study found out. It is complete in itself: each row says what was compared with what, by
 * which measure, and how its value is to be read; each checkpoint is named with the hash of its
 * content. Immutable.
 *
 * <pre>{@code
 * double reuse =
 *     table.select(StudyView.TO_SOURCE).ofMeasure("linear_cka").ofLayer("enc1").atEndOf(runs).mean();
 * }</pre>
 *
 * <p>{@code EvolutionTables} of the module {@code io} writes it and reads it again.
 *
 * @param rows one per measurement, by view, then in the order of runs, steps, layers and measures
 * @param checkpoints every checkpoint, with its hash or what is wrong with it
 * @param notes what could not be computed, and why, and what should be known about networks'
 *     outputs
 * @param probes the fingerprint of what the networks were shown
 * @param samples how feature maps became samples
 * @param version the version of this library
 */
public record EvolutionTable(
    List<EvolutionRow> rows,
    List<CheckpointRecord> checkpoints,
    List<String> notes,
    Fingerprint probes,
    String samples,
    String version) {

  public EvolutionTable {
    rows = List.copyOf(rows);
    checkpoints = List.copyOf(checkpoints);
    notes = List.copyOf(notes);
  }

  /** The rows of a view, in their order. */
  public List<EvolutionRow> rows(StudyView view) {
    return rows.stream().filter(row -> row.view() == view).toList();
  }

  /** The rows of a view, to be narrowed down. */
  public EvolutionRows select(StudyView view) {
    return new EvolutionRows(rows(view));
  }

  /** The measures of its rows, in their order. */
  public List<MeasureFacts> measures() {
    return rows.stream().map(EvolutionRow::facts).distinct().toList();
  }

  /** The checkpoints that gave no measurements. */
  public List<CheckpointRecord> broken() {
    return checkpoints.stream().filter(c -> c.problem().isPresent()).toList();
  }
}
