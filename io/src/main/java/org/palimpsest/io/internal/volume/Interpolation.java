package org.palimpsest.io.internal.volume;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Resizes arrays of three axes as {@code skimage.transform.resize(mode="edge",
 * anti_aliasing=False)} and so {@code scipy.ndimage.zoom(grid_mode=True, mode="nearest")} do:
 * voxels are cells, of which the first and last keep their outer faces.
 *
 * <p>Splines are separable, so each axis is done by itself, in float64 along it and in float32
 * between axes.
 */
public enum Interpolation {
  /** Order 0: the nearest voxel, the later of two. */
  NEAREST(1, 0),
  /** Order 1. */
  LINEAR(2, 0),
  /**
   * Order 3: the cubic B-spline through all voxels. The array is continued by twelve copies of its
   * first and last voxel, and mirrored beyond.
   */
  CUBIC(4, 12);

  private static final double POLE = Math.sqrt(3) - 2;
  private static final int TERMS = 40;
  private static final int LINES = 16;

  private final int taps;
  private final int padding;

  Interpolation(int taps, int padding) {
    this.taps = taps;
    this.padding = padding;
  }

  /** nnU-Net's and SciPy's number of it. */
  int order() {
    return taps - 1;
  }

  /** How the values that are given back are bounded. */
  public enum Bound {
    /** Not at all. */
    NONE,
    /** By the least and greatest value of the whole array. */
    WHOLE,
    /** By those of each slice along an axis, which is not resized. */
    SLICES
  }

  /**
   * Resizes an array.
   *
   * @param source gives it, once, so that it can go as soon as one axis of it is done
   * @param slices the axis of the slices, if these are bounded
   */
  public float[] resize(
      Supplier<float[]> source, int[] extents, int[] target, Bound bound, int slices) {
    float[] values = source.get();
    float[][] ranges = ranges(values, extents, bound, slices);
    int[] now = extents.clone();
    Integer[] axes = {0, 1, 2};
    Arrays.sort(axes, Comparator.comparingDouble(axis -> (double) target[axis] / extents[axis]));
    for (int axis : axes) {
      if (target[axis] != now[axis]) {
        double scale = (double) now[axis] / target[axis];
        values = along(axis, values, now, target[axis], i -> (i + 0.5) * scale - 0.5);
        now[axis] = target[axis];
      }
    }
    clip(values, now, ranges, bound, slices);
    return values;
  }

  /**
   * Takes an array at places along its axes, a start and index times factor, as {@code
   * scipy.ndimage.map_coordinates(mode="nearest")} does.
   */
  float[] sample(float[] source, int[] extents, int[] target, double[] factors, double[] starts) {
    float[] values = source;
    int[] now = extents.clone();
    for (int axis = 0; axis < extents.length; axis++) {
      if (target[axis] != now[axis] || factors[axis] != 1 || starts[axis] != 0) {
        double factor = factors[axis];
        double start = starts[axis];
        values = along(axis, values, now, target[axis], i -> start + i * factor);
        now[axis] = target[axis];
      }
    }
    return values;
  }

  private static float[][] ranges(float[] source, int[] extents, Bound bound, int slices) {
    return switch (bound) {
      case NONE -> new float[0][];
      case WHOLE -> new float[][] {Moments.range(source, 0, source.length)};
      case SLICES ->
          IntStream.range(0, extents[slices])
              .parallel()
              .mapToObj(slice -> sliceRange(source, extents, slices, slice))
              .toArray(float[][]::new);
    };
  }

  private static float[] sliceRange(float[] source, int[] extents, int axis, int slice) {
    float[] range = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    int inner = inner(extents, axis);
    int outer = source.length / inner / extents[axis];
    for (int block = 0; block < outer; block++) {
      int from = (block * extents[axis] + slice) * inner;
      float[] part = Moments.range(source, from, from + inner);
      range[0] = Math.min(range[0], part[0]);
      range[1] = Math.max(range[1], part[1]);
    }
    return range;
  }

  private static void clip(
      float[] values, int[] extents, float[][] ranges, Bound bound, int slices) {
    if (bound == Bound.NONE) {
      return;
    }
    int inner = bound == Bound.WHOLE ? values.length : inner(extents, slices);
    int count = bound == Bound.WHOLE ? 1 : extents[slices];
    IntStream.range(0, values.length)
        .parallel()
        .forEach(
            i -> {
              float[] range = ranges[i / inner % count];
              values[i] = Math.min(Math.max(values[i], range[0]), range[1]);
            });
  }

  private static int inner(int[] extents, int axis) {
    int inner = 1;
    for (int later = axis + 1; later < extents.length; later++) {
      inner *= extents[later];
    }
    return inner;
  }

  /** Which voxels along an axis a new one is made of, and their weights. */
  private record Taps(int[] first, double[] weights) {}

  private Taps taps(int from, int to, IntToDoubleFunction places) {
    int[] first = new int[to];
    double[] weights = new double[to * taps];
    for (int i = 0; i < to; i++) {
      double at = places.applyAsDouble(i);
      double beyond = Math.max(0, padding - 1); // where the copies of the ends are
      double place = Math.min(Math.max(at, -beyond), from - 1 + beyond) + padding;
      int floor = (int) Math.floor(this == NEAREST ? place + 0.5 : place);
      first[i] = this == CUBIC ? floor - 1 : floor;
      weigh(place - floor, weights, i * taps);
    }
    return new Taps(first, weights);
  }

  private void weigh(double t, double[] weights, int at) {
    switch (this) {
      case NEAREST -> weights[at] = 1;
      case LINEAR -> {
        weights[at] = 1 - t;
        weights[at + 1] = t;
      }
      case CUBIC -> {
        double u = 1 - t;
        weights[at] = u * u * u / 6;
        weights[at + 1] = (t * t * (t - 2) * 3 + 4) / 6;
        weights[at + 2] = (u * u * (u - 2) * 3 + 4) / 6;
        weights[at + 3] = t * t * t / 6;
      }
    }
  }

  private float[] along(
      int axis, float[] source, int[] extents, int to, IntToDoubleFunction places) {
    int from = extents[axis];
    int inner = inner(extents, axis);
    int lines = source.length / from;
    float[] target = new float[Math.multiplyExact(lines, to)];
    Taps taps = taps(from, to, places);
    IntStream.range(0, (lines + LINES - 1) / LINES)
        .parallel()
        .forEach(
            tile -> {
              int first = tile * LINES;
              int count = Math.min(LINES, lines - first);
              double[] values = new double[(from + 2 * padding + 1) * LINES];
              load(source, values, from, inner, first, count);
              if (this == CUBIC) {
                filter(values, from + 2 * padding);
              }
              store(target, values, taps, inner, first, count);
            });
    return target;
  }

  /** Lines beside each other, so that all of them are filtered in one go. */
  private void load(float[] source, double[] values, int n, int inner, int first, int count) {
    for (int line = 0; line < count; line++) {
      int at = start(first + line, n, inner);
      int to = padding * LINES + line;
      for (int i = 0; i < n; i++) {
        values[to + i * LINES] = source[at + i * inner];
      }
      for (int i = 0; i < padding; i++) {
        values[i * LINES + line] = values[to];
        values[to + (n + i) * LINES] = values[to + (n - 1) * LINES];
      }
      values[to + (n + padding) * LINES] = values[to + (n + padding - 1) * LINES];
    }
  }

  private static int start(int line, int n, int inner) {
    return line / inner * n * inner + line % inner;
  }

  private void store(float[] target, double[] values, Taps by, int inner, int first, int count) {
    int to = by.first.length;
    for (int line = 0; line < count; line++) {
      int at = start(first + line, to, inner);
      for (int i = 0; i < to; i++) {
        double sum = 0;
        int from = by.first[i] * LINES + line;
        for (int tap = 0; tap < taps; tap++) {
          sum += by.weights[i * taps + tap] * values[from + tap * LINES];
        }
        target[at + i * inner] = (float) sum;
      }
    }
  }

  /** Coefficients of the cubic B-spline, with a mirror at the first and the last value. */
  private static void filter(double[] c, int n) {
    for (int i = 0; i < n * LINES; i++) {
      c[i] *= 6;
    }
    double power = POLE;
    for (int i = 1; i < Math.min(n - 1, TERMS); i++, power *= POLE) {
      for (int line = 0; line < LINES; line++) {
        c[line] += power * c[i * LINES + line];
      }
    }
    for (int i = LINES; i < n * LINES; i++) {
      c[i] += POLE * c[i - LINES];
    }
    int last = (n - 1) * LINES;
    for (int line = 0; line < LINES; line++) {
      c[last + line] = (POLE * c[last - LINES + line] + c[last + line]) * POLE / (POLE * POLE - 1);
    }
    for (int i = last - 1; i >= 0; i--) {
      c[i] = POLE * (c[i + LINES] - c[i]);
    }
  }
}
