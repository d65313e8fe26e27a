package org.palimpsest.io.internal.image;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * An image as numbers.
 *
 * @param channels 1 or 3, without transparency; or with it 4, where it is read as a channel
 * @param values channel by channel, row by row, in the image's own numbers
 * @param greatest the greatest number that its type can hold; none for floating numbers
 */
public record Picture(
    int channels, int height, int width, double[] values, OptionalDouble greatest) {

  /** With one channel if all three are the same. */
  Picture greyIfEqual() {
    int size = height * width;
    for (int i = 0; i < size; i++) {
      if (values[i] != values[size + i] || values[i] != values[2 * size + i]) {
        return this;
      }
    }
    return new Picture(1, height, width, Arrays.copyOf(values, size), greatest);
  }

  /** The image with 1 or 3 channels. */
  public Picture withChannels(int count) {
    if (count == channels) {
      return this;
    }
    int size = height * width;
    double[] changed = new double[count * size];
    for (int i = 0; i < size; i++) {
      if (count == 1) {
        changed[i] = 0.299 * values[i] + 0.587 * values[size + i] + 0.114 * values[2 * size + i];
      } else {
        for (int channel = 0; channel < count; channel++) {
          changed[channel * size + i] = values[i];
        }
      }
    }
    return new Picture(count, height, width, changed, greatest);
  }

  public Picture withSize(int newHeight, int newWidth) {
    double[] resized = new double[channels * newHeight * newWidth];
    for (int channel = 0; channel < channels; channel++) {
      double[] plane =
          Arrays.copyOfRange(values, channel * height * width, (channel + 1) * height * width);
      double[] rows = resize(plane, height, width, newWidth);
      double[] turned = transpose(rows, height, newWidth);
      double[] columns = resize(turned, newWidth, height, newHeight);
      double[] whole = transpose(columns, newWidth, newHeight);
      System.arraycopy(whole, 0, resized, channel * newHeight * newWidth, whole.length);
    }
    return new Picture(channels, newHeight, newWidth, resized, greatest);
  }

  /** Resizes each row of a matrix. */
  private static double[] resize(double[] matrix, int rows, int columns, int newColumns) {
    double scale = (double) columns / newColumns;
    double support = Math.max(1, scale);
    double[] resized = new double[rows * newColumns];
    for (int to = 0; to < newColumns; to++) {
      double centre = (to + 0.5) * scale;
      int first = Math.max(0, (int) (centre - support + 0.5));
      int last = Math.min(columns, (int) (centre + support + 0.5));
      double[] weights = weights(first, last, centre, support);
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        for (int from = first; from < last; from++) {
          sum += weights[from - first] * matrix[row * columns + from];
        }
        resized[row * newColumns + to] = sum;
      }
    }
    return resized;
  }

  private static double[] weights(int first, int last, double centre, double support) {
    double[] weights = new double[last - first];
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      double distance = Math.abs((first + i - centre + 0.5) / support);
      weights[i] = Math.max(0, 1 - distance);
      total += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= total;
    }
    return weights;
  }

  private static double[] transpose(double[] matrix, int rows, int columns) {
    double[] turned = new double[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = matrix[row * columns + column];
      }
    }
    return turned;
  }
}
