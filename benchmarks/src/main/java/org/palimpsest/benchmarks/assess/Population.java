package org.palimpsest.benchmarks.assess;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Trained networks as draws from a population whose properties can be computed.
 *
 * <p>Each block is a linear map W of {@value #INPUTS} inputs that are orthonormal over the probes,
 * so that similarities of blocks are functions of the matrices alone. With fixed matrices C (what
 * the task asks for), G (what random networks keep), D (what the source adds) and E (what a shared
 * random start adds):
 *
 * <pre>
 * random       start G,  end  g C + √u G               + s_R √(1 − u) · noise
 * shared       start G,  end  g C + √u (0.7 G + 0.3 E)   + s_R √(1 − u) · noise
 * transferred  start S,  end  g C + √u ((1 − λ) G + λ D) + s_T √(1 − u) · noise
 * source       end S = a (C + √u G) + α (D − G) + a half · fixed noise
 * </pre>
 *
 * <p>The noise of a network has a size of its own, with a coefficient of variation of 0.15. Kernels
 * of the layer {@code enc0} are independent normal numbers at the start; at the end a constant is
 * added to each kernel of a network, whose size varies between networks.
 *
 * @param task g
 * @param kept u
 * @param apart λ
 * @param spreadOfRandom s_R
 * @param spreadOfTransferred s_T
 * @param sourceCommon a
 * @param sourceOwn α
 * @param regular the mean constant that is added to kernels
 */
record Population(
    double task,
    double kept,
    double apart,
    double spreadOfRandom,
    double spreadOfTransferred,
    double sourceCommon,
    double sourceOwn,
    double regular) {

  static final int INPUTS = 15;
  static final String[] BLOCKS = {"enc1", "enc2", "dec2", "dec1", "up1", "out"};
  static final int KERNELS = 30;
  static final int KERNEL = 9;

  private static final int FEATURES = 8;
  private static final int OF_OUT = 2;
  private static final double VARIATION = 0.15;
  private static final double REGULARITY_VARIATION = 0.04;
  private static final long FIXED = 61;
  private static final double SHARED_APART = 0.3;

  private enum Kind {
    RANDOM,
    SHARED,
    TRANSFERRED
  }

  /** The blocks of one network, at its start and end, and its kernels. */
  record Network(double[][] start, double[][] end, double[] kernelsBefore, double[] kernels) {}

  static int features(int block) {
    return block == BLOCKS.length - 1 ? OF_OUT : FEATURES;
  }

  private static double[] fixed(int block, int which) {
    return normal(new SplittableRandom(FIXED + 100L * block + which), features(block) * INPUTS);
  }

  private static double[] normal(SplittableRandom random, int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> random.nextGaussian());
    return values;
  }

  /** The source's end. */
  double[][] source() {
    double[][] blocks = new double[BLOCKS.length][];
    for (int block = 0; block < BLOCKS.length; block++) {
      double[] c = fixed(block, 0);
      double[] g = fixed(block, 1);
      double[] d = fixed(block, 2);
      double[] noise = fixed(block, 3);
      double[] source = new double[c.length];
      for (int i = 0; i < source.length; i++) {
        source[i] =
            sourceCommon * (task * c[i] + Math.sqrt(kept) * g[i])
                + sourceOwn * (d[i] - g[i])
                + 0.5 * noise[i];
      }
      blocks[block] = source;
    }
    return blocks;
  }

  Network random(SplittableRandom random) {
    return network(random, Kind.RANDOM);
  }

  /** One of those from random weights that share a start. */
  Network shared(SplittableRandom random) {
    return network(random, Kind.SHARED);
  }

  Network transferred(SplittableRandom random) {
    return network(random, Kind.TRANSFERRED);
  }

  private Network network(SplittableRandom random, Kind kind) {
    boolean transferred = kind == Kind.TRANSFERRED;
    double[][] start = transferred ? source() : new double[BLOCKS.length][];
    double[][] end = new double[BLOCKS.length][];
    double size = Math.exp(VARIATION * random.nextGaussian());
    double spread = (transferred ? spreadOfTransferred : spreadOfRandom) * size;
    for (int block = 0; block < BLOCKS.length; block++) {
      double[] c = fixed(block, 0);
      double[] g = fixed(block, 1);
      double[] d = fixed(block, kind == Kind.SHARED ? 4 : 2);
      double[] noise = normal(random, c.length);
      double share =
          switch (kind) {
            case RANDOM -> 0;
            case SHARED -> SHARED_APART;
            case TRANSFERRED -> apart;
          };
      double[] weights = new double[c.length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] =
            task * c[i]
                + Math.sqrt(kept) * ((1 - share) * g[i] + share * d[i])
                + spread * Math.sqrt(1 - kept) * noise[i];
      }
      end[block] = weights;
      if (!transferred) {
        start[block] = g;
      }
    }
    double[] before = normal(random, KERNELS * KERNEL);
    double added = regular + REGULARITY_VARIATION * random.nextGaussian();
    double[] after = normal(random, KERNELS * KERNEL);
    for (int i = 0; i < after.length; i++) {
      after[i] = 0.8 * before[i] + 0.6 * after[i] + added;
    }
    return new Network(start, end, before, after);
  }

  /** Linear CKA of two blocks, given their maps of orthonormal inputs. */
  static double cka(double[] a, double[] b, int features) {
    return product(a, b, features) / Math.sqrt(product(a, a, features) * product(b, b, features));
  }

  /** The squared norm of A Bᵀ: of rows of features, a column per input. */
  static double product(double[] a, double[] b, int features) {
    double sum = 0;
    for (int i = 0; i < features; i++) {
      for (int j = 0; j < features; j++) {
        double inner = 0;
        for (int x = 0; x < INPUTS; x++) {
          inner += a[i * INPUTS + x] * b[j * INPUTS + x];
        }
        sum += inner * inner;
      }
    }
    return sum;
  }
}
