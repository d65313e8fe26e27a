package org.palimpsest.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.streaming.CoMoments;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;
import org.palimpsest.similarity.streaming.CoMoments.Precision;

/** Matched layers from co-moments, an image's positions at a time, read from the files. */
final class Streamed {

  private static final int POSITIONS_OF_AN_IMAGE = 64 * 64;

  private Streamed() {}

  /** One row for each pair of layers, one column for each measure. */
  static List<List<Score>> compare(Workload workload, LayerFiles inputs) throws IOException {
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

  private static CoMoments gathered(Workload workload, LayerFiles inputs, int layer)
      throws IOException {
    CoMoments moments = CoMoments.of(Pairs.MATCHED, Precision.FLOAT32);
    try (MatrixFile a = inputs.open("a", layer);
        MatrixFile b = inputs.open("b", layer)) {
      Image ofA = new Image(a, a.room(POSITIONS_OF_AN_IMAGE));
      Image ofB = new Image(b, b.room(POSITIONS_OF_AN_IMAGE));
      for (int from = 0; from < workload.samples(); from += POSITIONS_OF_AN_IMAGE) {
        int first = from;
        Stream.of(ofA, ofB).parallel().forEach(image -> image.read(first));
        moments.add(ofA.layer(), ofB.layer());
      }
      ofA.rows.close();
      ofB.rows.close();
    }
    return moments;
  }

  /** One network's answer to an image; the next one overwrites it. */
  private record Image(MatrixFile file, INDArray rows) {

    void read(int from) {
      try {
        file.read(from, rows);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    Representation layer() {
      return Streamed.layer("layer", rows);
    }
  }

  /** Not copied and checked once more: co-moments refuse what is not finite. */
  static Representation layer(String name, INDArray rows) {
    return new Representation(
        new Representation.Info(
            name, rows.rows(), rows.columns(), 1, Fingerprint.unknown(), "positions"),
        rows);
  }
}
