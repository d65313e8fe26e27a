package org.palimpsest.similarity.streaming;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.linalg.Axes;
import org.palimpsest.similarity.linalg.Decompositions;
import org.palimpsest.similarity.linalg.Eigen;
import org.palimpsest.similarity.linalg.Lazy;
import org.palimpsest.similarity.linalg.LinearSide;
import org.palimpsest.similarity.linalg.RankTolerance;

/** One layer, of which only the moments about its mean are known. */
final class MomentSide implements LinearSide {

  private final RepresentationInfo info;
  private final double scale;
  private final SideMoments centred;
  private final Precision precision;
  private final DataType type;
  private final Lazy<Eigen> eigen;

  /**
   * @param type in which the layer came, whose rounding decides how small a component is none
   */
  MomentSide(
      RepresentationInfo info,
      double scale,
      SideMoments centred,
      Precision precision,
      DataType type) {
    this.info = info;
    this.scale = scale;
    this.centred = centred;
    this.precision = precision;
    this.type = type;
    this.eigen = new Lazy<>(() -> Decompositions.symmetric(centred.gram()));
    if (!(centred.squares() > 0)) {
      throw new PalimpsestException(
          "Layer '%s' (%d samples × %d features) answers the same to every sample, so nothing can be compared with it. Leave it out, or show more probes."
              .formatted(info.layer(), info.samples(), info.features()));
    }
  }

  Precision precision() {
    return precision;
  }

  SideMoments centred() {
    return centred;
  }

  @Override
  public RepresentationInfo info() {
    return info;
  }

  @Override
  public double scale() {
    return scale;
  }

  @Override
  public double squaredNorm() {
    return centred.squares();
  }

  @Override
  public double selfProduct() {
    return centred.gram().squaredNorm();
  }

  @Override
  public double[] squaredSingularValues() {
    return Arrays.stream(eigen.get().values()).map(value -> Math.max(0, value)).toArray();
  }

  @Override
  public Axes axes(RankTolerance tolerance) {
    return axes(tolerance, centred.width());
  }

  @Override
  public Axes principalAxes(int k) {
    return axes(RankTolerance.automatic(), k);
  }

  private MomentAxes axes(RankTolerance tolerance, int most) {
    double least =
        Math.max(
            precision.leastSingularValue(centred.width()),
            tolerance.of(info.samples(), info.features(), type));
    double[] squares = squaredSingularValues();
    int rank = 1;
    while (rank < Math.min(most, squares.length) && squares[rank] > least * least * squares[0]) {
      rank++;
    }
    return new MomentAxes(eigen.get(), rank);
  }
}
