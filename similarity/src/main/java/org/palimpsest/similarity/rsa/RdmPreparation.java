package org.palimpsest.similarity.rsa;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Basis;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.pairwise.DistinctRows;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Ties;
import org.palimpsest.similarity.internal.pairwise.Triangle;

/**
 * Makes the distances of all pairs of samples. Each kind of distance is a function of the squared
 * euclidean one between points made of the rows: the rows themselves, the rows divided by their
 * norms, or whitened.
 */
record RdmPreparation(Rsa.Distance distance) implements Preparation<Rdm> {

  private static final int FEWEST_SAMPLES = 3;
  private static final double ROUNDING = 1e-14;

  @Override
  public Rdm prepare(Representation representation) {
    Representation.Info info = representation.info();
    SampleChecks.requireSamples(
        info, FEWEST_SAMPLES, "two samples have one distance, which cannot be correlated");
    double[] distances = PairStorage.ofPairs(info);
    SampleRows raw = SampleChecks.varyingRows(representation);
    double scale = raw.centred().powerOfTwoScale();
    DistinctRows points = DistinctRows.of(points(representation, raw, scale).centred());
    fill(points, distances);
    return new Rdm(info, distances, unit(scale));
  }

  private SampleRows points(Representation representation, SampleRows raw, double scale) {
    return switch (distance) {
      case EUCLIDEAN, SQUARED_EUCLIDEAN -> raw.centred().dividedBy(scale);
      case COSINE -> raw.normalised("is all zero, so that no angle to it is defined");
      case CORRELATION -> deviations(raw).normalised("is constant");
      case MAHALANOBIS -> whitened(representation);
    };
  }

  /**
   * Points whose euclidean distances are the Mahalanobis distances of a layer's samples: an
   * orthonormal basis of its centred features, times √(n − 1).
   */
  private static SampleRows whitened(Representation representation) {
    Representation.Info info = representation.info();
    Basis basis = Centring.ofFeatures().prepare(representation).axes(RankTolerance.automatic());
    if (basis.rank() >= info.samples() - 1) {
      throw new PalimpsestException(
          "The %s samples of layer '%s' (%s features) differ from their mean in %s independent ways, so that their Mahalanobis distances are all equal. Use more samples than features, or another distance."
              .formatted(info.samples(), info.layer(), info.features(), basis.rank()));
    }
    return SampleRows.of(info, basis.vectors()).dividedBy(1 / Math.sqrt(info.samples() - 1.0));
  }

  private static SampleRows deviations(SampleRows raw) {
    SampleRows deviations = raw.eachCentred();
    for (int i = 0; i < raw.count(); i++) {
      if (deviations.largestIn(i) <= ROUNDING * raw.largestIn(i)) {
        throw new PalimpsestException(
            "Sample %s of layer '%s' (%s samples × %s features) has the value %s in every feature, so that no correlation with it is defined. Use another distance, such as euclidean, or leave such samples out."
                .formatted(i, raw.info().layer(), raw.count(), raw.width(), raw.get(i, 0)));
      }
    }
    return deviations;
  }

  private void fill(DistinctRows points, double[] distances) {
    double[] target =
        points.allDistinct()
            ? distances
            : PairStorage.doubles(
                Triangle.size(points.rows().count()),
                points.rows().info(),
                "one value for each pair of different samples");
    int n = points.rows().count();
    SquaredDistances.upper(
        points.rows(),
        (i, first, squared) -> {
          int start = Triangle.start(n, i) - i - 1;
          for (int j = i + 1; j < n; j++) {
            target[start + j] = ofSquared(squared[j - first]);
          }
        });
    if (!points.allDistinct()) {
      points.expand(target, distances, 0);
    }
  }

  private double ofSquared(double squared) {
    return switch (distance) {
      case EUCLIDEAN, MAHALANOBIS -> Math.sqrt(squared);
      case SQUARED_EUCLIDEAN -> squared;
      case COSINE, CORRELATION -> Ties.betweenDirections(squared) / 2;
    };
  }

  private double unit(double scale) {
    return switch (distance) {
      case EUCLIDEAN -> scale;
      case SQUARED_EUCLIDEAN -> scale * scale;
      case COSINE, CORRELATION, MAHALANOBIS -> 1;
    };
  }

  @Override
  public Optional<PreparedFormat<Rdm>> format() {
    return Optional.of(new Rdm.Format());
  }
}
