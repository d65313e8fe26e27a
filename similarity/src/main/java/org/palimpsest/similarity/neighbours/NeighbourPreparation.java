package org.palimpsest.similarity.neighbours;

import java.util.List;
import java.util.Optional;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.pairwise.DistinctRows;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;

/**
 * Finds the k nearest neighbours of each sample. A sample is left out of its own list by its index,
 * so that a repetition of it counts as a neighbour.
 *
 * <p>Distances tie as {@link org.palimpsest.similarity.internal.pairwise.Ties} says. Cost: 2n²p, a
 * block of samples at a time.
 */
record NeighbourPreparation(int k, RowMetric metric) implements Preparation<Neighbours> {

  @Override
  public Neighbours prepare(Representation representation) {
    RepresentationInfo info = representation.info();
    SampleChecks.requireSamples(
        info, k + 1, "each sample has %d neighbours besides itself".formatted(k));
    SampleRows raw = SampleChecks.varyingRows(representation);
    SampleRows points =
        switch (metric) {
          case COSINE -> raw.normalised("is all zero, so that no angle to it is defined");
          case EUCLIDEAN -> raw.centred().dividedBy(raw.centred().powerOfTwoScale());
        };
    return Neighbours.of(info, k, surroundings(points));
  }

  private Surroundings surroundings(SampleRows points) {
    DistinctRows distinct = DistinctRows.of(points.centred());
    List<List<Integer>> members = distinct.members();
    int[][] others = new int[points.count()][];
    double[][] distances = new double[points.count()][];
    SquaredDistances.all(
        distinct.rows(),
        (row, first, squared) -> {
          for (int c = 0; c < squared.length; c++) {
            squared[c] = metric.comparable(squared[c]);
          }
          for (int sample : members.get(row)) {
            NearestFirst nearest = nearest(sample, squared, distinct.classOf());
            others[sample] = nearest.indices();
            distances[sample] = nearest.distances();
          }
        });
    return new Surroundings(metric, points, others, distances);
  }

  private NearestFirst nearest(int sample, double[] distances, int[] classOf) {
    double[] ofSamples = new double[classOf.length];
    for (int j = 0; j < classOf.length; j++) {
      ofSamples[j] = j == sample ? Double.NaN : distances[classOf[j]];
    }
    return NearestFirst.of(Surroundings.reach(k, classOf.length), ofSamples);
  }

  @Override
  public Optional<PreparedFormat<Neighbours>> format() {
    return Optional.of(new Neighbours.Format());
  }
}
