package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.palimpsest.claims.FiltersLookRandom.KernelScore;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.internal.statistics.KernelAuc;

/** Runs with made-up scores and similarities, for the tests of claims. */
abstract class SimulatedRuns {

  static final List<String> BLOCKS = List.of("enc1", "enc2", "enc3", "dec2", "dec1", "out");

  final SplittableRandom random = new SplittableRandom(5);
  final List<ObservedRun> runs = new ArrayList<>();
  final Map<RunPair, double[]> ends = new HashMap<>();
  final Map<String, double[]> toStart = new HashMap<>();
  final Map<String, List<LayerFate>> fates = new HashMap<>();

  static RunRole role(String start, String difficulty, String images) {
    boolean source = start.startsWith("source");
    return new RunRole(
        Optional.of(source ? "source" : start),
        source ? Optional.of(start) : Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(difficulty).filter(word -> !word.isEmpty()),
        Optional.of(images).filter(word -> !word.isEmpty()),
        false,
        false,
        Optional.empty());
  }

  static RunRole role(String start) {
    return role(start, "", "");
  }

  void add(String name, RunRole role, Map<Long, Double> scores) {
    runs.add(ObservedRun.ofLog(name, role, new TreeMap<>(scores)));
  }

  /** Dice that reaches 0.8 in the long run, half of it at a step. */
  Map<Long, Double> curve(double half) {
    Map<Long, Double> scores = new TreeMap<>(Map.of(0L, 0.0));
    for (long step = 4; step < 3000; step *= 2) {
      scores.put(step, 0.8 * (1 - Math.pow(2, -step / (half * (1 + noise(0.05))))));
    }
    return scores;
  }

  double noise(double size) {
    return size * random.nextGaussian();
  }

  Observations observed() {
    return observed(Map.of());
  }

  Observations observed(Map<RunPair, Double> predictions) {
    return new Observations(runs, BLOCKS, ends, toStart, fates, predictions, List.of());
  }

  /** Ends whose similarity is high within a source and low elsewhere. */
  void addEnds(double withinTransferred, double withinRandom, double across, double reuse) {
    for (ObservedRun a : runs) {
      toStart.put(a.name(), blocks(a.role().isTransferred() ? reuse : 0.2));
      for (ObservedRun b : runs) {
        boolean source = a.name().startsWith("source") || b.name().startsWith("source");
        boolean transferred = a.role().isTransferred() || b.role().isTransferred();
        boolean both = a.role().isTransferred() && b.role().isTransferred();
        double mean = both ? withinTransferred : transferred ? across : withinRandom;
        ends.put(RunPair.of(a.name(), b.name()), blocks(source ? transferred ? reuse : 0.3 : mean));
      }
    }
  }

  double[] blocks(double mean) {
    double[] blocks = new double[BLOCKS.size()];
    Arrays.setAll(blocks, i -> Math.min(0.999, mean + noise(0.02)));
    return blocks;
  }

  void addArms(int networks) {
    for (int i = 0; i < networks; i++) {
      add("transfer/" + i, role("source"), curve(20));
      add("random/" + i, role("random"), curve(40));
    }
  }

  static RunRole with(RunRole role, String frozen, boolean floor) {
    return new RunRole(
        role.start(),
        role.source(),
        Optional.of(frozen).filter(word -> !word.isEmpty()),
        role.task(),
        role.difficulty(),
        role.images(),
        floor,
        role.longer(),
        role.pair());
  }

  void addShared(int networks) {
    for (int i = 0; i < networks; i++) {
      add("shared/" + i, role("random:A"), Map.of());
    }
  }

  /** How alike networks of one random start are to each other and to other random ones. */
  void setSharedEnds(double among, double toOthers) {
    for (ObservedRun a : runs) {
      for (ObservedRun b : runs) {
        if (a.name().startsWith("shared") && b.role().isRandom()) {
          boolean both = b.name().startsWith("shared");
          ends.put(RunPair.of(a.name(), b.name()), blocks(both ? among : toOthers));
        }
      }
    }
  }

  void addFates(double encoder, double decoder, double area) {
    addFates(encoder, decoder, area, 5);
  }

  static RunRole longer() {
    RunRole random = role("random");
    return new RunRole(
        random.start(),
        random.source(),
        random.frozen(),
        random.task(),
        random.difficulty(),
        random.images(),
        false,
        true,
        random.pair());
  }

  void addFates(double encoder, double decoder, double area, int networks) {
    addFates(encoder, decoder, area, networks, role("random"));
  }

  void addFates(double encoder, double decoder, double area, int networks, RunRole role) {
    for (int i = 0; i < networks; i++) {
      String name = "random/" + encoder + decoder + area + i;
      add(name, role, Map.of());
      Map<KernelScore, KernelAuc> looks = new HashMap<>();
      for (KernelScore score : KernelScore.values()) {
        looks.put(score, new KernelAuc(area + noise(0.01), 0.0001, 200));
      }
      fates.put(
          name,
          List.of(
              new LayerFate("enc1", 16, encoder + noise(1), 0.4, 16, looks),
              new LayerFate("dec1", 16, decoder + noise(1), 0.4, 15, Map.of())));
    }
  }
}
