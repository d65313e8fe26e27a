package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.linalg.DiagonalSums;
import org.palimpsest.similarity.linalg.LinearPair;
import org.palimpsest.similarity.linalg.Products;

/**
 * The co-moments of a pair, probe by probe: drawing probes anew then costs a sum over probes
 * instead of one over all their positions.
 */
public final class ProbeMoments {

  private static final long MOST_NUMBERS = 1L << 26;

  private final RepresentationInfo infoA;
  private final RepresentationInfo infoB;
  private final Origin originA;
  private final Origin originB;
  private final List<SideMoments> ofA = new ArrayList<>();
  private final List<SideMoments> ofB = new ArrayList<>();
  private final List<CrossMoments> crosses = new ArrayList<>();

  private ProbeMoments(Representation a, Representation b) {
    infoA = a.info();
    infoB = b.info();
    originA = Origin.of(a.matrix());
    originB = Origin.of(b.matrix());
  }

  /** Whether they are smaller than the layers, and fit into memory. */
  public static boolean pay(RepresentationInfo a, RepresentationInfo b) {
    double p = a.features();
    double q = b.features();
    double each = p * p + q * q + p * q;
    double rows = a.rowsPerProbe() * (p + q);
    return a.rowsPerProbe() > 1 && each <= rows && each * a.probeCount() <= MOST_NUMBERS;
  }

  /** Of two layers in memory, in one pass. */
  public static ProbeMoments of(Representation a, Representation b) {
    ProbeMoments moments = new ProbeMoments(a, b);
    BatchMemory memory = new BatchMemory();
    int rows = a.info().rowsPerProbe();
    for (long from = 0; from < a.samples(); from += rows) {
      moments.add(
          Products.rows(a.matrix(), from, from + rows),
          Products.rows(b.matrix(), from, from + rows),
          memory);
    }
    return moments;
  }

  private void add(INDArray a, INDArray b, BatchMemory memory) {
    ShiftedBatch batchA = ShiftedBatch.of(a, originA, Precision.FLOAT64, memory, 0);
    ShiftedBatch batchB = ShiftedBatch.of(b, originB, Precision.FLOAT64, memory, 1);
    int p = Math.toIntExact(infoA.features());
    int q = Math.toIntExact(infoB.features());
    BatchMoments.Sums none =
        new BatchMoments.Sums(
            List.of(SideMoments.none(p)),
            List.of(SideMoments.none(q)),
            List.of(List.of(CrossMoments.none(p, q))));
    BatchMoments.Sums sums =
        new BatchMoments(List.of(batchA), List.of(batchB), i -> new int[] {i}).addTo(none);
    Products.mirrored(sums.ofA().get(0).gram());
    Products.mirrored(sums.ofB().get(0).gram());
    ofA.addAll(sums.ofA());
    ofB.addAll(sums.ofB());
    crosses.addAll(sums.crosses().get(0));
  }

  /**
   * The pair, each probe counting by its weight.
   *
   * @param weights one for each probe, their sum the number of probes
   */
  public LinearPair weighted(double[] weights) {
    Sums once = sums(weights, 1);
    double[] meanA = once.a.mean();
    double[] meanB = once.b.mean();
    MomentSide a = new MomentSide(infoA, originA.scale(), once.a.shifted(meanA), Precision.FLOAT64);
    MomentSide b = new MomentSide(infoB, originB.scale(), once.b.shifted(meanB), Precision.FLOAT64);
    return new MomentPair(
        a,
        b,
        once.cross.shifted(once.a, meanA, once.b, meanB).products(),
        () -> diagonals(weights, meanA, meanB));
  }

  private DiagonalSums diagonals(double[] weights, double[] meanA, double[] meanB) {
    Sums squared = sums(weights, 2);
    Sums cubed = sums(weights, 3);
    SideMoments squaredA = squared.a.shifted(meanA);
    SideMoments squaredB = squared.b.shifted(meanB);
    return new DiagonalSums(
        squaredA.squares(),
        squaredB.squares(),
        squaredA.squaresSquared(),
        squaredB.squaresSquared(),
        squared.cross.shifted(squared.a, meanA, squared.b, meanB).squares(),
        cubed.a.shifted(meanA).squaresSquared(),
        cubed.b.shifted(meanB).squaresSquared(),
        cubed.cross.shifted(cubed.a, meanA, cubed.b, meanB).squares());
  }

  private record Sums(SideMoments a, SideMoments b, CrossMoments cross) {}

  private Sums sums(double[] weights, int power) {
    Sums sums =
        new Sums(
            SideMoments.none(Math.toIntExact(infoA.features())),
            SideMoments.none(Math.toIntExact(infoB.features())),
            CrossMoments.none(
                Math.toIntExact(infoA.features()), Math.toIntExact(infoB.features())));
    for (int probe = 0; probe < weights.length; probe++) {
      double weight = Math.pow(weights[probe], power);
      if (weight != 0) {
        sums =
            new Sums(
                sums.a.plus(ofA.get(probe), weight),
                sums.b.plus(ofB.get(probe), weight),
                sums.cross.plus(crosses.get(probe), weight));
      }
    }
    return sums;
  }
}
