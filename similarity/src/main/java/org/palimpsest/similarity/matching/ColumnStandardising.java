package org.palimpsest.similarity.matching;

import java.util.Arrays;
import java.util.stream.IntStream;
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
  private static final int BLOCK_ELEMENTS = 1 << 16;

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
    int width = centred.columns();
    return blocks(centred)
        .mapToObj(
            block -> {
              double[] values = read(reader, block, centred);
              double[] squares = new double[width];
              for (int row = 0; row < values.length; row += width) {
                for (int j = 0; j < width; j++) {
                  squares[j] += values[row + j] * values[row + j];
                }
              }
              return squares;
            })
        .reduce(ColumnStandardising::sum)
        .map(squares -> Arrays.stream(squares).map(Math::sqrt).toArray())
        .orElseThrow();
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    Arrays.setAll(sum, j -> a[j] + b[j]);
    return sum;
  }

  private static INDArray divided(INDArray centred, double[] norms) {
    TensorReader reader = TensorReader.of(centred);
    TensorWriter writer = TensorWriter.create(reader.type(), centred.shape());
    int width = norms.length;
    double[] factors = Arrays.stream(norms).map(norm -> norm == 0 ? 0 : 1 / norm).toArray();
    blocks(centred)
        .forEach(
            block -> {
              double[] values = read(reader, block, centred);
              for (int row = 0; row < values.length; row += width) {
                for (int j = 0; j < width; j++) {
                  values[row + j] *= factors[j];
                }
              }
              writer.write((long) block * rows(centred) * width, values, values.length);
            });
    return writer.tensor();
  }

  private static int rows(INDArray matrix) {
    return Math.max(1, BLOCK_ELEMENTS / matrix.columns());
  }

  private static IntStream blocks(INDArray matrix) {
    int rows = rows(matrix);
    return IntStream.range(0, (matrix.rows() + rows - 1) / rows).parallel();
  }

  private static double[] read(TensorReader reader, int block, INDArray matrix) {
    int from = block * rows(matrix);
    int count = Math.min(rows(matrix), matrix.rows() - from);
    double[] values = new double[count * matrix.columns()];
    reader.read((long) from * matrix.columns(), values);
    return values;
  }
}
