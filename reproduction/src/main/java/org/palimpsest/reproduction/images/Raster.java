package org.palimpsest.reproduction.images;

import java.util.Arrays;
import java.util.Random;

/** Values on a regular grid of two (rows, columns) or three (slices, rows, columns) axes. */
public final class Raster {

  private static final double REACH_OF_BLUR = 3;

  private final int[] extents;
  private final float[] values;

  private Raster(int[] extents, float[] values) {
    this.extents = extents;
    this.values = values;
  }

  /** All zero. */
  public static Raster zeros(int... extents) {
    return new Raster(
        extents.clone(), new float[Arrays.stream(extents).reduce(1, (a, b) -> a * b)]);
  }

  /** The given values in C order, which are copied. */
  public static Raster of(float[] values, int... extents) {
    Raster raster = zeros(extents);
    System.arraycopy(values, 0, raster.values, 0, raster.values.length);
    return raster;
  }

  /** Smooth noise of mean 0 and standard deviation 1; {@code scale} is the size of its features. */
  public static Raster smoothNoise(Random random, double scale, int... extents) {
    Raster noise = zeros(extents);
    for (int i = 0; i < noise.values.length; i++) {
      noise.values[i] = (float) random.nextGaussian();
    }
    return noise.blurred(scale).standardised();
  }

  /** How many values each axis has. */
  public int[] extents() {
    return extents.clone();
  }

  public int rank() {
    return extents.length;
  }

  /** How many values there are. */
  public int size() {
    return values.length;
  }

  public float get(int index) {
    return values[index];
  }

  public void set(int index, double value) {
    values[index] = (float) value;
  }

  /** Copies all values, in C order, to {@code target} from {@code offset} on. */
  public void copyTo(float[] target, int offset) {
    System.arraycopy(values, 0, target, offset, values.length);
  }

  /** Writes the coordinates of the index-th value, in C order, into {@code position}. */
  public void locate(int index, double[] position) {
    int rest = index;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      position[axis] = rest % extents[axis];
      rest /= extents[axis];
    }
  }

  /** The shortest axis, the unit in which shapes are sized. */
  public int shortest() {
    return Arrays.stream(extents).min().orElseThrow();
  }

  /** Mirrored along one axis. */
  public Raster flipped(int axis) {
    int stride = stride(axis);
    Raster flipped = zeros(extents);
    for (int i = 0; i < values.length; i++) {
      int along = i / stride % extents[axis];
      flipped.values[i + (extents[axis] - 1 - 2 * along) * stride] = values[i];
    }
    return flipped;
  }

  /** Shifted and scaled to mean 0 and standard deviation 1; constant values become 0. */
  public Raster standardised() {
    double mean = 0;
    for (float value : values) {
      mean += value / values.length;
    }
    double variance = 0;
    for (float value : values) {
      variance += (value - mean) * (value - mean) / values.length;
    }
    double scale = isConstant() ? 0 : 1 / Math.sqrt(variance);
    Raster standardised = zeros(extents);
    for (int i = 0; i < values.length; i++) {
      standardised.values[i] = (float) ((values[i] - mean) * scale);
    }
    return standardised;
  }

  /** Asked of the values, since rounding leaves constants a variance. */
  private boolean isConstant() {
    for (float value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }

  /** Convolved with a Gaussian of the given standard deviation; edges are repeated. */
  public Raster blurred(double deviation) {
    int reach = (int) Math.ceil(REACH_OF_BLUR * deviation);
    double[] kernel = new double[2 * reach + 1];
    for (int k = -reach; k <= reach; k++) {
      kernel[k + reach] = Math.exp(-k * k / (2 * deviation * deviation));
    }
    double sum = Arrays.stream(kernel).sum();
    Raster blurred = this;
    for (int axis = 0; axis < extents.length; axis++) {
      blurred = blurred.convolved(axis, kernel, sum);
    }
    return blurred;
  }

  private Raster convolved(int axis, double[] kernel, double divisor) {
    int stride = stride(axis);
    int reach = kernel.length / 2;
    Raster result = zeros(extents);
    for (int i = 0; i < values.length; i++) {
      int along = i / stride % extents[axis];
      double sum = 0;
      for (int k = -reach; k <= reach; k++) {
        int other = Math.max(0, Math.min(extents[axis] - 1, along + k));
        sum += kernel[k + reach] * values[i + (other - along) * stride];
      }
      result.values[i] = (float) (sum / divisor);
    }
    return result;
  }

  private int stride(int axis) {
    int stride = 1;
    for (int later = axis + 1; later < extents.length; later++) {
      stride *= extents[later];
    }
    return stride;
  }
}
