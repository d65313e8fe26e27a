package org.palimpsest.benchmarks.intervals;

import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;

/**
 * Two layers of rectified linear units on latent variables of variances 1/k, which are known as far
 * as one likes: images of some positions, half of whose variance is the image's own and half is
 * smooth over its positions.
 */
final class SimulatedLayers {

  /** What the layers have to do with each other. */
  enum Relation {
    /** Independent latent variables. */
    UNRELATED(0),
    /** Latent variables that correlate 0.4. */
    WEAK(0.4),
    /** Latent variables that correlate 0.9. */
    STRONG(0.9),
    /** The first layer with a tenth of its standard deviation of noise. */
    NEARLY_THE_SAME(1);

    private final double correlation;

    Relation(double correlation) {
      this.correlation = correlation;
    }

    /** The true value of similarities, where it is known: a common contrast is something alike. */
    OptionalDouble known(Spread spread) {
      return this == UNRELATED && !spread.isShared()
          ? OptionalDouble.of(0)
          : OptionalDouble.empty();
    }
  }

  /** Both layers of some images. */
  record Pair(Representation x, Representation y) {}

  private static final int LATENT = 40;
  private static final int RADIUS = 4;

  private final Relation relation;
  private final Spread spread;
  private final int positions;
  private final double[][] toX;
  private final double[][] toY;
  private final double[] biasOfX;
  private final double[] biasOfY;
  private final double noise;

  SimulatedLayers(Relation relation, Spread spread, int widthOfX, int widthOfY, int positions) {
    this.relation = relation;
    this.spread = spread;
    this.positions = positions;
    SplittableRandom random = RandomStreams.of(7, 1000L * widthOfX + widthOfY);
    boolean same = relation == Relation.NEARLY_THE_SAME;
    this.toX = weights(widthOfX, random);
    this.biasOfX = biases(toX, random);
    this.toY = same ? toX : weights(widthOfY, random);
    this.biasOfY = same ? biasOfX : biases(toY, random);
    this.noise = same ? 0.1 * deviation() : 0;
  }

  private static double[][] weights(int width, SplittableRandom random) {
    double[][] weights = normal(LATENT, width, random);
    for (int k = 0; k < LATENT; k++) {
      for (int j = 0; j < width; j++) {
        weights[k][j] /= Math.sqrt(width * (k + 1.0));
      }
    }
    return weights;
  }

  private double[] biases(double[][] weights, SplittableRandom random) {
    int width = weights[0].length;
    double[] biases = normal(1, width, random)[0];
    for (int j = 0; j < width; j++) {
      double variance = 0;
      for (double[] ofLatent : weights) {
        variance += ofLatent[j] * ofLatent[j];
      }
      biases[j] = biases[j] * (0.2 / Math.sqrt(width)) - spread.threshold() * Math.sqrt(variance);
    }
    return biases;
  }

  private static double[][] normal(int rows, int columns, SplittableRandom random) {
    return drawn(rows, columns, random::nextGaussian);
  }

  private double[][] independent(int rows, int columns, SplittableRandom random) {
    return drawn(rows, columns, () -> spread.latent(random));
  }

  private static double[][] drawn(int rows, int columns, DoubleSupplier value) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = value.getAsDouble();
      }
    }
    return values;
  }

  private double deviation() {
    double[][] layer = rectified(independent(5000, LATENT, RandomStreams.of(3, 0)), toX, biasOfX);
    double sum = 0;
    double squares = 0;
    for (double[] row : layer) {
      for (double value : row) {
        sum += value;
        squares += value * value;
      }
    }
    double count = 5000.0 * layer[0].length;
    return Math.sqrt(squares / count - sum / count * (sum / count));
  }

  private static double[][] rectified(double[][] latent, double[][] weights, double[] biases) {
    double[][] layer = new double[latent.length][];
    for (int i = 0; i < latent.length; i++) {
      double[] row = biases.clone();
      for (int k = 0; k < LATENT; k++) {
        for (int j = 0; j < row.length; j++) {
          row[j] += latent[i][k] * weights[k][j];
        }
      }
      for (int j = 0; j < row.length; j++) {
        row[j] = Math.max(0, row[j]);
      }
      layer[i] = row;
    }
    return layer;
  }

  /** Images that no other draw has. */
  Pair draw(int images, SplittableRandom random) {
    double[][] first = latent(images, LATENT, random);
    double[][] x = rectified(first, toX, biasOfX);
    double[][] y;
    if (relation == Relation.NEARLY_THE_SAME) {
      y = noise(images, x[0].length, random);
      for (int i = 0; i < y.length; i++) {
        for (int j = 0; j < y[i].length; j++) {
          y[i][j] = x[i][j] + noise * y[i][j];
        }
      }
    } else {
      double[][] second = latent(images, LATENT, random);
      double own = Math.sqrt(1 - relation.correlation * relation.correlation);
      for (int i = 0; i < second.length; i++) {
        for (int k = 0; k < LATENT; k++) {
          second[i][k] = relation.correlation * first[i][k] + own * second[i][k];
        }
      }
      y = rectified(second, toY, biasOfY);
    }
    if (spread != Spread.EVEN) {
      scale(x, y, images, random);
    }
    return new Pair(representation("x", x), representation("y", y));
  }

  /** Multiplies all values of an image. */
  private void scale(double[][] x, double[][] y, int images, SplittableRandom random) {
    for (int i = 0; i < images; i++) {
      double[] factors = spread.factors(random);
      for (int a = i * positions; a < (i + 1) * positions; a++) {
        multiply(x[a], factors[0]);
        multiply(y[a], factors[1]);
      }
    }
  }

  private static void multiply(double[] row, double factor) {
    for (int j = 0; j < row.length; j++) {
      row[j] *= factor;
    }
  }

  private Representation representation(String name, double[][] values) {
    Representation.Info info =
        new Representation.Info(
            name, values.length, values[0].length, positions, Fingerprint.unknown(), "simulated");
    return new Representation(info, Nd4j.createFromArray(values));
  }

  private double[][] latent(int images, int width, SplittableRandom random) {
    return positions == 1 ? independent(images, width, random) : noise(images, width, random);
  }

  /** Normal values, of more than one position half an image's own and half smooth. */
  private double[][] noise(int images, int width, SplittableRandom random) {
    if (positions == 1) {
      return normal(images, width, random);
    }
    int side = (int) Math.round(Math.sqrt(positions));
    double[] kernel = kernel(side);
    double[][] latent = new double[images * positions][];
    for (int i = 0; i < images; i++) {
      double[] own = normal(1, width, random)[0];
      double[][] smooth =
          blurred(blurred(normal(positions, width, random), kernel, 1), kernel, side);
      for (int a = 0; a < positions; a++) {
        double[] row = smooth[a];
        for (int k = 0; k < width; k++) {
          row[k] = Math.sqrt(0.5) * (own[k] + row[k]);
        }
        latent[i * positions + a] = row;
      }
    }
    return latent;
  }

  /** Gaussian of standard deviation one around a circle of positions, of unit norm. */
  private static double[] kernel(int side) {
    double[] kernel = new double[side];
    for (int d = -RADIUS; d <= RADIUS; d++) {
      kernel[Math.floorMod(d, side)] += Math.exp(-d * d / 2.0);
    }
    double square = 0;
    for (double value : kernel) {
      square += value * value;
    }
    for (int d = 0; d < side; d++) {
      kernel[d] /= Math.sqrt(square);
    }
    return kernel;
  }

  private static double[][] blurred(double[][] values, double[] kernel, int stride) {
    int side = kernel.length;
    double[][] blurred = new double[values.length][values[0].length];
    for (int a = 0; a < values.length; a++) {
      int at = a / stride % side;
      for (int d = 0; d < side; d++) {
        if (kernel[d] == 0) {
          continue;
        }
        double[] from = values[a + (Math.floorMod(at + d, side) - at) * stride];
        for (int k = 0; k < from.length; k++) {
          blurred[a][k] += kernel[d] * from[k];
        }
      }
    }
    return blurred;
  }
}
