package org.palimpsest.similarity.matching;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.linalg.Centring;
import org.palimpsest.similarity.pairwise.SampleChecks;

/** Centres the features and divides each by its norm. */
record ColumnStandardising() implements Preparation<StandardisedColumns> {

  private static final int FEWEST_SAMPLES = 3;

  @Override
  public StandardisedColumns prepare(Representation representation) {
    SampleChecks.requireSamples(
        representation.info(), FEWEST_SAMPLES, "over two samples every correlation is 1 or -1");
    INDArray centred = Centring.ofFeatures().prepare(representation).matrix();
    double[] norms = norms(centred);
    int dead = 0;
    for (double norm : norms) {
      dead += norm == 0 ? 1 : 0;
    }
    return new StandardisedColumns(representation.info(), divided(centred, norms), dead);
  }

  private static double[] norms(INDArray centred) {
    TensorReader reader = TensorReader.of(centred);
    double[] row = new double[centred.columns()];
    double[] squares = new double[row.length];
    for (int i = 0; i < centred.rows(); i++) {
      reader.read((long) i * row.length, row);
      for (int j = 0; j < row.length; j++) {
        squares[j] += row[j] * row[j];
      }
    }
    for (int j = 0; j < row.length; j++) {
      squares[j] = Math.sqrt(squares[j]);
    }
    return squares;
  }

  private static INDArray divided(INDArray centred, double[] norms) {
    TensorReader reader = TensorReader.of(centred);
    TensorWriter writer = TensorWriter.create(reader.type(), centred.shape());
    double[] row = new double[norms.length];
    for (int i = 0; i < centred.rows(); i++) {
      long start = (long) i * row.length;
      reader.read(start, row);
      for (int j = 0; j < row.length; j++) {
        row[j] = norms[j] == 0 ? 0 : row[j] / norms[j];
      }
      writer.write(start, row, row.length);
    }
    return writer.tensor();
  }
}
