package org.palimpsest.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.streaming.CoMoments;
import org.palimpsest.similarity.streaming.Pairs;
import org.palimpsest.similarity.streaming.Precision;

/** Matched layers from co-moments, an image's positions at a time, read from the files. */
final class Streamed {

  private static final int POSITIONS_OF_AN_IMAGE = 64 * 64;

  private Streamed() {}

  /** One row for each pair of layers, one column for each measure. */
  static List<List<Score>> compare(Workload workload, Inputs inputs) throws IOException {
    List<Measure<?>> measures = new ArrayList<>();
    for (String name : Arrays.asList(workload.measure().split(","))) {
      measures.add(Measures.parse(name));
    }
    List<List<Score>> scores = new ArrayList<>();
    for (int layer = 0; layer < workload.widths().size(); layer++) {
      CoMoments moments = gathered(workload, inputs, layer);
      scores.add(measures.stream().map(measure -> moments.compare(measure, 0, 0)).toList());
    }
    return scores;
  }

  private static CoMoments gathered(Workload workload, Inputs inputs, int layer)
      throws IOException {
    CoMoments moments = CoMoments.of(Pairs.MATCHED, Precision.FLOAT32);
    try (NpyFile a = inputs.open("a", layer);
        NpyFile b = inputs.open("b", layer)) {
      INDArray roomA = a.room(POSITIONS_OF_AN_IMAGE);
      INDArray roomB = b.room(POSITIONS_OF_AN_IMAGE);
      for (int from = 0; from < workload.samples(); from += POSITIONS_OF_AN_IMAGE) {
        a.read(from, roomA);
        b.read(from, roomB);
        moments.add(image(roomA), image(roomB));
      }
      roomA.close();
      roomB.close();
    }
    return moments;
  }

  /** Not copied and checked once more: co-moments refuse what is not finite. */
  private static Representation image(INDArray rows) {
    return new Representation(
        new RepresentationInfo(
            "layer", rows.rows(), rows.columns(), 1, Fingerprint.unknown(), "positions"),
        rows);
  }
}
