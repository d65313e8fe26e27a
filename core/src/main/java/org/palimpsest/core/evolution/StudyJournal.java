package org.palimpsest.core.evolution;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/**
 * Keeps what a study has found out as it comes, so that one that was interrupted goes on where it
 * was. Nothing is ever replaced: a key always means the same number, and what another version of
 * the library, other probes or another setting found has another key.
 *
 * <p>Used by one thread. When a method that keeps something returns, killing the process does not
 * lose it, if the implementation outlives the process ({@code StudyFolder} of the module {@code io}
 * does).
 */
public interface StudyJournal {

  /** A journal that is forgotten with the process; an interrupted study begins anew. */
  static StudyJournal inMemory() {
    return new StudyJournal() {

      private final Map<Measurement.Key, Outcome> outcomes = new HashMap<>();
      private final Map<String, LayerGrids> structures = new HashMap<>();
      private final Map<String, List<String>> cautions = new HashMap<>();

      @Override
      public Optional<Outcome> outcome(Measurement.Key key) {
        return Optional.ofNullable(outcomes.get(key));
      }

      @Override
      public void keep(Measurement.Key key, Outcome outcome) {
        outcomes.put(key, outcome);
      }

      @Override
      public Optional<LayerGrids> structure(String subject) {
        return Optional.ofNullable(structures.get(subject));
      }

      @Override
      public void keep(String subject, LayerGrids structure) {
        structures.put(subject, structure);
      }

      @Override
      public Optional<List<String>> cautions(String subject) {
        return Optional.ofNullable(cautions.get(subject));
      }

      @Override
      public void keepCautions(String subject, List<String> known) {
        cautions.merge(subject, List.copyOf(known), StudyJournal::both);
      }
    };
  }

  private static List<String> both(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).distinct().toList();
  }

  /** What came of asking for a measurement, if it was asked for before. */
  Optional<Outcome> outcome(Measurement.Key key);

  /**
   * Keeps what came of asking for a measurement.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be kept
   */
  void keep(Measurement.Key key, Outcome outcome);

  /**
   * The layers behind some measurements.
   *
   * @param subject what they are layers of, such as a checkpoint's hash in a context; of a
   *     comparison of weights the grids tell how many measurements each layer has
   */
  Optional<LayerGrids> structure(String subject);

  /** Keeps the layers behind some measurements. */
  void keep(String subject, LayerGrids structure);

  /** What should be known about a network's outputs, perhaps nothing, if that was kept. */
  Optional<List<String>> cautions(String subject);

  /**
   * Keeps what should be known about a network's outputs, beside what was kept of them before: a
   * network that runs twice may be known for different things.
   */
  void keepCautions(String subject, List<String> cautions);

  /**
   * The layers of a network and the grids on which they lie: what must be known of a network to
   * plan which of its layers are compared with which of another, and on what grid, without running
   * it again. A journal keeps it for each checkpoint.
   *
   * @param grids by layer, in the order in which the layers ran; a layer whose positions are not
   *     known lies on a single point
   */
  record LayerGrids(Map<String, Grid> grids) {

    public LayerGrids {
      grids = Collections.unmodifiableMap(new LinkedHashMap<>(grids));
    }

    /** The layers, in the order in which they ran. */
    public List<String> layers() {
      return List.copyOf(grids.keySet());
    }

    Grid grid(String layer) {
      return Objects.requireNonNull(grids.get(layer), layer);
    }
  }

  /**
   * What came of asking for a measurement: a {@link Measurement}, or a {@link Failure} with the
   * reason. Failures are kept in the journal as numbers are, so that a layer that cannot be
   * compared is not tried again with each resumption; that a file could not be read is not kept,
   * since it may be another time.
   */
  sealed interface Outcome permits Measurement, Outcome.Failure {

    /**
     * There is no such measurement.
     *
     * @param reason why, such as a layer without any variance
     */
    record Failure(String reason) implements Outcome {}
  }
}
