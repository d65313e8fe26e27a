package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** Spells out which comparisons of layers a pairing of checkpoints asks for. */
final class PairingReader {

  /** Two layers that a pairing of checkpoints holds against each other. */
  record LayerPair(String layerA, String layerB) {}

  private final Study study;
  private final Checkpoints checkpoints;
  private final StudyJournal journal;
  private final String context;
  private final String beforeHash;

  PairingReader(Study study, Checkpoints checkpoints, StudyJournal journal, String context) {
    this.study = study;
    this.checkpoints = checkpoints;
    this.journal = journal;
    this.context = context;
    this.beforeHash = context + "|" + study.layers() + "|";
  }

  Optional<LayerGrids> structure(String hash) {
    return journal.structure(subject(hash));
  }

  /** What should be known about a network's outputs, where they count. */
  List<String> cautions(String hash) {
    return journal.cautions(subject(hash)).orElse(List.of());
  }

  /** Whether all is known of a network that running it tells, but for its layers' measurements. */
  boolean isExplored(String hash) {
    return structure(hash).isPresent() && journal.cautions(subject(hash)).isPresent();
  }

  String subject(String hash) {
    return beforeHash + hash;
  }

  /** The pairs of layers, none while a checkpoint's layers are unknown. */
  List<LayerPair> layerPairs(Pairing pairing) {
    Optional<LayerGrids> a = structure(checkpoints.hash(pairing.a()));
    Optional<LayerGrids> b = structure(checkpoints.hash(pairing.b()));
    if (a.isEmpty() || b.isEmpty()) {
      return List.of();
    }
    List<LayerPair> pairs = new ArrayList<>();
    for (String layerA : a.get().layers()) {
      for (String layerB : b.get().layers()) {
        if (pairing.allLayers() || layerA.equals(layerB)) {
          pairs.add(new LayerPair(layerA, layerB));
        }
      }
    }
    return pairs;
  }

  PlannedMeasurement measurement(Pairing pairing, LayerPair pair, Measure<?> measure) {
    String hashA = checkpoints.hash(pairing.a());
    String hashB = checkpoints.hash(pairing.b());
    Grid grid =
        structure(hashA)
            .orElseThrow()
            .grid(pair.layerA())
            .commonWith(structure(hashB).orElseThrow().grid(pair.layerB()));
    return PlannedMeasurement.of(
        new Measurement.Key(context, hashA, pair.layerA(), hashB, pair.layerB(), measure.name()),
        grid,
        measure);
  }

  List<PlannedMeasurement> measurements(Pairing pairing) {
    List<PlannedMeasurement> measurements = new ArrayList<>();
    for (LayerPair pair : layerPairs(pairing)) {
      for (Measure<?> measure : study.measures()) {
        measurements.add(measurement(pairing, pair, measure));
      }
    }
    return measurements;
  }
}
