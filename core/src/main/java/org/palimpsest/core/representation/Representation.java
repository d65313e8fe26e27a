package org.palimpsest.core.representation;

import java.util.Arrays;
import java.util.function.ToIntFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.probe.Fingerprint;

/**
 * One layer as a matrix.
 *
 * <p>Networks and files give theirs by way of {@link FeatureMaps}; arrays that are already matrices
 * become one directly, and may be compared by any measure:
 *
 * <pre>{@code
 * Representation a = Representation.of("before", new double[][] {{1, 2}, {3, 4}, {5, 7}});
 * Representation b = Representation.of("after", new double[][] {{2, 1}, {4, 3}, {7, 6}});
 * double value = Cka.linear().compare(a, b).value();
 * }</pre>
 *
 * <p>Row i of both is of the same sample; that much nobody can check where the probes are unknown.
 * The matrix is not copied by the constructor and must not be changed.
 *
 * @param info its layer, shape and probes
 * @param matrix n × p, rows are samples and columns features; float32 or float64, C order, finite
 */
public record Representation(Info info, INDArray matrix) {

  private static final String UNNAMED = "unnamed";

  public Representation {
    if (matrix.rank() != 2
        || matrix.rows() != info.samples()
        || matrix.columns() != info.features()) {
      throw new PalimpsestException(
          "Layer '%s' should be %s samples × %s features, but its matrix has the shape %s."
              .formatted(
                  info.layer(), info.samples(), info.features(), Arrays.toString(matrix.shape())));
    }
  }

  /**
   * A plain matrix as a representation of unknown probes.
   *
   * @param layer what to call it
   * @param matrix n × p of any number type, every value finite
   * @throws PalimpsestException if it is not a matrix, or a value is not finite
   */
  public static Representation of(String layer, INDArray matrix) {
    if (matrix.rank() != 2) {
      throw new PalimpsestException(
          "Layer '%s' has the shape %s where a matrix, samples × features, is needed."
              .formatted(layer, Arrays.toString(matrix.shape())));
    }
    return FeatureMaps.flatten().represent(Activations.of(layer, matrix));
  }

  /**
   * Rows of float64 numbers as a representation of unknown probes, called {@code unnamed}.
   *
   * @param rows n samples of p features each, every value finite; copied
   * @throws PalimpsestException as {@link #of(String, double[][])}
   */
  public static Representation of(double[][] rows) {
    return of(UNNAMED, rows);
  }

  /**
   * Rows of float32 numbers as a representation of unknown probes, called {@code unnamed}.
   *
   * @param rows n samples of p features each, every value finite; copied
   * @throws PalimpsestException as {@link #of(String, double[][])}
   */
  public static Representation of(float[][] rows) {
    return of(UNNAMED, rows);
  }

  /**
   * Rows of float64 numbers as a representation of unknown probes.
   *
   * @param layer what to call it
   * @param rows n samples of p features each, every value finite; copied
   * @throws PalimpsestException if there is no row or no column, rows differ in length, or a value
   *     is not finite
   */
  public static Representation of(String layer, double[][] rows) {
    TensorWriter writer = writer(layer, DataType.DOUBLE, rows, row -> row.length);
    for (int row = 0; row < rows.length; row++) {
      writer.write((long) row * rows[0].length, rows[row], rows[0].length);
    }
    return of(layer, writer.tensor());
  }

  /**
   * Rows of float32 numbers as a representation of unknown probes. Measures tell ranks of float32
   * numbers by the precision of float32.
   *
   * @param layer what to call it
   * @param rows n samples of p features each, every value finite; copied
   * @throws PalimpsestException as {@link #of(String, double[][])}
   */
  public static Representation of(String layer, float[][] rows) {
    TensorWriter writer = writer(layer, DataType.FLOAT, rows, row -> row.length);
    for (int row = 0; row < rows.length; row++) {
      writer.write((long) row * rows[0].length, rows[row], rows[0].length);
    }
    return of(layer, writer.tensor());
  }

  private static <R> TensorWriter writer(
      String layer, DataType type, R[] rows, ToIntFunction<R> length) {
    int width = rows.length == 0 ? 0 : length.applyAsInt(rows[0]);
    if (width == 0) {
      throw new PalimpsestException(
          "Layer '%s' has %s rows and no columns where samples × features are needed."
              .formatted(layer, rows.length));
    }
    for (int row = 1; row < rows.length; row++) {
      if (length.applyAsInt(rows[row]) != width) {
        throw new PalimpsestException(
            "Row %s of layer '%s' has %s features where row 0 has %s. Give each sample as many."
                .formatted(row, layer, length.applyAsInt(rows[row]), width));
      }
    }
    return TensorWriter.create(type, rows.length, width);
  }

  /**
   * A copy of the matrix as n rows of p float64 numbers: 8 n p bytes.
   *
   * @throws ArithmeticException if n or p is more than an array holds
   */
  public double[][] toArray() {
    double[][] rows = new double[Math.toIntExact(samples())][Math.toIntExact(features())];
    TensorReader reader = TensorReader.of(matrix);
    for (int row = 0; row < rows.length; row++) {
      reader.read(row * features(), rows[row]);
    }
    return rows;
  }

  /** The layer's path. */
  public String layer() {
    return info.layer();
  }

  /** n, the number of rows. */
  public long samples() {
    return info.samples();
  }

  /** p, the number of columns. */
  public long features() {
    return info.features();
  }

  /**
   * What is known of a representation besides its numbers.
   *
   * <p>It goes along with everything that is made of the matrix, so that a comparison can make sure
   * that rows belong together, and an estimator of intervals knows which rows come from one image.
   * Immutable.
   *
   * @param layer the layer's path, such as {@code enc1.conv}
   * @param samples the number of rows, n
   * @param features the number of columns, p
   * @param rowsPerProbe how many successive rows come from one probe: 1, or the number of positions
   * @param probes the fingerprint of the probes, perhaps unknown
   * @param view how the matrix was made of activations, for people
   */
  public record Info(
      String layer,
      long samples,
      long features,
      int rowsPerProbe,
      Fingerprint probes,
      String view) {

    /**
     * @throws PalimpsestException if a size is negative, or rows do not come in equal numbers from
     *     each probe
     */
    public Info {
      if (samples < 0 || features < 0 || rowsPerProbe < 1 || samples % rowsPerProbe != 0) {
        throw new PalimpsestException(
            "Layer '%s' cannot have %s samples × %s features with %s rows of each probe. Give as many rows of each probe, at least 1."
                .formatted(layer, samples, features, rowsPerProbe));
      }
    }

    /** The number of probes, which are independent of each other as positions of one are not. */
    public long probeCount() {
      return samples / rowsPerProbe;
    }

    /**
     * Checks that row i of both comes from the same place of the same probe, as far as that is
     * known: where a fingerprint is unknown, equal numbers of samples pass.
     *
     * @param other what is known of the other representation; widths may differ
     * @throws PalimpsestException if numbers of samples, rows of a probe or fingerprints differ, or
     *     rows are positions on different grids or drawn by different seeds, naming both layers
     */
    public void requireSameSamples(Info other) {
      if (probes.conflictsWith(other.probes)) {
        throw new PalimpsestException(
            "Layers '%s' and '%s' saw different probes (%s and %s). Capture both with the same file."
                .formatted(layer, other.layer, probes, other.probes));
      }
      if (samples != other.samples || rowsPerProbe != other.rowsPerProbe) {
        throw new PalimpsestException(
            "Layer '%s' has %s samples (%s per probe) and layer '%s' has %s (%s per probe). Compare what comes from the same probes in the same order."
                .formatted(
                    layer, samples, rowsPerProbe, other.layer, other.samples, other.rowsPerProbe));
      }
      boolean viewsAreKnown = !view.isEmpty() && !other.view.isEmpty();
      if (rowsPerProbe > 1 && viewsAreKnown && !view.equals(other.view)) {
        throw new PalimpsestException(
            "Rows of layer '%s' are %s and those of layer '%s' %s, which are different places. Make both matrices by one rule, on one grid."
                .formatted(layer, view, other.layer, other.view));
      }
    }
  }
}
