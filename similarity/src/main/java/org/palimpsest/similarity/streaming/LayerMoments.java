package org.palimpsest.similarity.streaming;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;

/**
 * One layer's moments and where they are counted from.
 *
 * @param info of all samples so far
 * @param origin the provisional mean and the unit
 * @param moments about the origin
 */
record LayerMoments(Representation.Info info, Origin origin, SideMoments moments) {

  static LayerMoments begin(Representation firstBatch) {
    Representation.Info info = firstBatch.info();
    return new LayerMoments(
        withSamples(info, 0, info.probes()),
        origin(firstBatch.matrix()),
        SideMoments.none(Math.toIntExact(info.features())));
  }

  private static Origin origin(INDArray firstBatch) {
    if (TensorReader.liesInOrder(firstBatch)) {
      return Origin.of(firstBatch);
    }
    INDArray inOrder = firstBatch.dup('c');
    try {
      return Origin.of(inOrder);
    } finally {
      inOrder.close(); // not when the collector comes by: it may be large
    }
  }

  /** With the moments of one more batch about the same origin added. */
  LayerMoments with(SideMoments sums, Representation.Info more) {
    return new LayerMoments(join(more), origin, sums);
  }

  /** Refuses what would be too large together with what is there. */
  void requireRoomFor(ShiftedBatch batch) {
    requireFinite(moments.squaresSquared() + batch.squaresSquared());
  }

  /** Whether a batch's norm alone, which no value of it exceeds, tells that it is not too large. */
  boolean hasSurelyRoomFor(INDArray batch) {
    double largest = batch.norm2Number().doubleValue();
    double mean = Arrays.stream(origin.mean()).map(Math::abs).max().orElse(0);
    double square = batch.columns() * Math.pow((largest + mean) / origin.scale(), 2);
    return Double.isFinite(moments.squaresSquared() + batch.rows() * square * square);
  }

  /** The same with sums of its own. */
  LayerMoments copy() {
    return new LayerMoments(info, origin, moments.plus(SideMoments.none(moments.width())));
  }

  /** With the moments of other samples, brought to this origin. */
  LayerMoments plus(LayerMoments other) {
    SideMoments sums = moments.plus(other.at(origin));
    requireFinite(sums.squaresSquared());
    return new LayerMoments(join(other.info), origin, sums);
  }

  private void requireFinite(double squaresSquared) {
    if (!Double.isFinite(squaresSquared)) {
      throw new PalimpsestException(
          "Layer '%s' holds values too large for float64 sums of their fourth powers. Scale it down."
              .formatted(info.layer()));
    }
  }

  private SideMoments at(Origin elsewhere) {
    return moments.shifted(origin.towards(elsewhere)).scaled(origin.scale() / elsewhere.scale());
  }

  /** About the true mean. */
  SideMoments centred() {
    return moments.shifted(moments.mean());
  }

  /** Those of the true means, summed over features and samples, in the unit. */
  double squaresOfMeans() {
    double[] moved = moments.mean();
    double sum = 0;
    for (int j = 0; j < moved.length; j++) {
      double mean = origin.mean()[j] / origin.scale() + moved[j];
      sum += mean * mean;
    }
    return moments.count() * sum;
  }

  /** What is known of these samples and of more. */
  private Representation.Info join(Representation.Info more) {
    requireSameLayer(more);
    Fingerprint probes =
        more.probes().equals(info.probes()) ? info.probes() : Fingerprint.unknown();
    return withSamples(info, info.samples() + more.samples(), probes);
  }

  void requireSameLayer(Representation.Info more) {
    if (!more.layer().equals(info.layer())
        || more.features() != info.features()
        || more.rowsPerProbe() != info.rowsPerProbe()) {
      throw new PalimpsestException(
          "Layer '%s' (%s features, %s rows per probe) cannot go on with layer '%s' (%s features, %s rows per probe). Give the same layers in the same order."
              .formatted(
                  info.layer(),
                  info.features(),
                  info.rowsPerProbe(),
                  more.layer(),
                  more.features(),
                  more.rowsPerProbe()));
    }
  }

  private static Representation.Info withSamples(
      Representation.Info info, long samples, Fingerprint probes) {
    return new Representation.Info(
        info.layer(), samples, info.features(), info.rowsPerProbe(), probes, info.view());
  }
}
