package org.palimpsest.core.representation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;

/**
 * One layer as a matrix.
 *
 * @param info its layer, shape and probes
 * @param matrix n × p, rows are samples and columns features; float32 or float64, C order, finite
 */
public record Representation(RepresentationInfo info, INDArray matrix) {

  public Representation {
    if (matrix.rank() != 2
        || matrix.rows() != info.samples()
        || matrix.columns() != info.features()) {
      throw new PalimpsestException(
          "Layer '%s' should be %d samples × %d features, but its matrix has the shape %s."
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
}
