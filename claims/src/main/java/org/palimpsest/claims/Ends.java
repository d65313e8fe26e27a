package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.similarity.internal.statistics.GroupDissimilarities;
import org.palimpsest.similarity.statistics.Estimate;

/**
 * The last networks of the main condition, transferred ones first, of which all pairs were
 * compared.
 *
 * @param transferred those that started from a source
 * @param random those that started at random
 */
record Ends(List<ObservedRun> transferred, List<ObservedRun> random) {

  static Ends of(Observations observations) {
    List<ObservedRun> transferred = new ArrayList<>();
    List<ObservedRun> random = new ArrayList<>();
    observations
        .main()
        .ifPresent(
            main -> {
              transferred.addAll(observations.transferred(main));
              random.addAll(observations.random(main));
            });
    transferred.removeIf(run -> !isCompared(observations, run));
    random.removeIf(run -> !isCompared(observations, run));
    return new Ends(List.copyOf(transferred), List.copyOf(random));
  }

  private static boolean isCompared(Observations observations, ObservedRun run) {
    return observations.ends().keySet().stream()
        .anyMatch(pair -> pair.first().equals(run.name()) || pair.second().equals(run.name()));
  }

  /** With the networks from random weights that share a start. */
  Ends withShared(Observations observations) {
    return observations
        .main()
        .map(observations::allRandom)
        .map(all -> withRandom(all.stream().filter(run -> isCompared(observations, run)).toList()))
        .orElse(this);
  }

  /** With independent networks alone among the transferred. */
  Ends ofIndependent(Observations observations) {
    return observations
        .main()
        .map(observations::independent)
        .map(
            some ->
                new Ends(
                    some.stream().filter(run -> isCompared(observations, run)).toList(), random))
        .orElse(this);
  }

  Ends withRandom(List<ObservedRun> others) {
    return new Ends(transferred, others);
  }

  List<ObservedRun> all() {
    List<ObservedRun> all = new ArrayList<>(transferred);
    all.addAll(random);
    return all;
  }

  /** Of pairs, the mean over blocks of a dissimilarity of each block's similarity. */
  GroupDissimilarities byBlocks(Observations observations, DoubleUnaryOperator ofSimilarity) {
    return groups(pair -> meanOverBlocks(observations, pair, ofSimilarity));
  }

  private static double meanOverBlocks(
      Observations observations, RunPair pair, DoubleUnaryOperator ofSimilarity) {
    return Arrays.stream(observations.ends().get(pair))
        .map(ofSimilarity)
        .map(dissimilarity -> Math.max(0, dissimilarity))
        .average()
        .orElse(Double.NaN);
  }

  /** Of pairs, any dissimilarity. */
  GroupDissimilarities groups(ToDoubleFunction<RunPair> dissimilarity) {
    return groups(List.of(), dissimilarity);
  }

  /** How much farther transferred networks lie from random ones than those of a control do. */
  Estimate locationBeyond(
      List<ObservedRun> control, Observations observations, DoubleUnaryOperator ofSimilarity) {
    return groups(control, pair -> meanOverBlocks(observations, pair, ofSimilarity))
        .locationBeyond(IntStream.range(all().size(), all().size() + control.size()).toArray());
  }

  /** With further networks in the last rows. */
  private GroupDissimilarities groups(
      List<ObservedRun> others, ToDoubleFunction<RunPair> dissimilarity) {
    List<ObservedRun> rows = new ArrayList<>(all());
    rows.addAll(others);
    double[][] matrix = new double[rows.size()][rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < i; j++) {
        matrix[i][j] =
            dissimilarity.applyAsDouble(RunPair.of(rows.get(i).name(), rows.get(j).name()));
        matrix[j][i] = matrix[i][j];
      }
    }
    return GroupDissimilarities.of(
        matrix,
        IntStream.range(0, transferred.size()).toArray(),
        IntStream.range(transferred.size(), all().size()).toArray());
  }

  /** A number for the source of each transferred network. */
  int[] sources() {
    List<String> names = transferred.stream().map(run -> run.role().source().orElse("")).toList();
    return names.stream().mapToInt(names::indexOf).toArray();
  }

  int countSources() {
    return (int) Arrays.stream(sources()).distinct().count();
  }

  /** The mean similarity per pair of kinds, for the table. */
  Finding.Table table(Observations observations) {
    List<List<String>> rows = new ArrayList<>();
    List<ObservedRun> all = all();
    for (int i = 0; i < all.size(); i++) {
      rows.add(
          List.of(
              all.get(i).name(),
              i < transferred.size() ? "transferred" : "random",
              meanTo(observations, all.get(i), transferred),
              meanTo(observations, all.get(i), random)));
    }
    return new Finding.Table(
        "Similarity (linear CKA, mean over blocks) of each network's end to the others'",
        List.of("network", "start", "to transferred ones", "to random ones"),
        rows);
  }

  private static String meanTo(
      Observations observations, ObservedRun run, List<ObservedRun> others) {
    double mean =
        others.stream()
            .filter(other -> !other.name().equals(run.name()))
            .map(other -> observations.ends().get(RunPair.of(run.name(), other.name())))
            .mapToDouble(blocks -> Arrays.stream(blocks).average().orElse(Double.NaN))
            .average()
            .orElse(Double.NaN);
    return Numbers.of(mean);
  }
}
