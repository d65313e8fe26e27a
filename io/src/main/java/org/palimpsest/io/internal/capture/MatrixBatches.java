package org.palimpsest.io.internal.capture;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.SteadyShapes;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;

/** Collects the matrices that one batch of probes gives. */
public final class MatrixBatches {

  private final MatrixRequest request;
  private final SteadyShapes shapes;
  private final long firstProbe;
  private final Map<MatrixRequest.Target, INDArray> matrices = new LinkedHashMap<>();
  private final Map<String, String> flaws = new LinkedHashMap<>();

  /**
   * @param shapes what the batches before showed
   * @param firstProbe the index of the first probe of this one
   */
  public MatrixBatches(MatrixRequest request, SteadyShapes shapes, long firstProbe) {
    this.request = request;
    this.shapes = shapes;
    this.firstProbe = firstProbe;
  }

  /**
   * Makes the matrices of a layer, if some are requested.
   *
   * @param values what it answered, samples first; freed afterwards
   */
  public void reduce(String layer, INDArray values) {
    if (!request.gridsOf(layer).isEmpty()) {
      shapes.require(layer, values.shape(), firstProbe);
      try {
        matrices.putAll(request.reduce(layer, values, firstProbe));
      } catch (PalimpsestException flaw) {
        flaws.put(layer, String.valueOf(flaw.getMessage()));
      }
    }
    if (values.closeable()) {
      values.close();
    }
  }

  /** Takes matrices that were made elsewhere. */
  public void add(Map<MatrixRequest.Target, INDArray> made) {
    matrices.putAll(made);
  }

  /**
   * Notes that a layer holds a value that is not finite.
   *
   * @param shape of what it answered to this batch
   * @param index where the value lies among those
   */
  public void flaw(String layer, long[] shape, long index, double value) {
    long before = firstProbe;
    for (int axis = 1; axis < shape.length; axis++) {
      before *= shape[axis];
    }
    flaws.put(
        layer,
        String.valueOf(MatrixRequest.notFinite(layer, value, shape, before + index).getMessage()));
  }

  /**
   * @param probes how many were shown
   */
  public MatrixBatch batch(long probes) {
    return new MatrixBatch(firstProbe, probes, matrices, flaws);
  }
}
