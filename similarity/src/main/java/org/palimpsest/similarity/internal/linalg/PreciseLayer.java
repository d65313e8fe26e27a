package org.palimpsest.similarity.internal.linalg;

import org.nd4j.linalg.api.buffer.DataType;

/**
 * A float32 layer of which every product is computed in float64: how far two layers are apart that
 * are nearly equal is less than what float32 sums lose.
 */
final class PreciseLayer extends CentredLayer {

  private final CentredLayer original;

  PreciseLayer(CentredLayer original) {
    super(original, original.matrix(), original.rowSquares());
    this.original = original;
  }

  @Override
  DataType products() {
    return DataType.DOUBLE;
  }

  @Override
  Spectrum spectrum() {
    return original.spectrum();
  }
}
