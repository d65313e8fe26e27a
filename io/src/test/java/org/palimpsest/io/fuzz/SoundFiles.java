package org.palimpsest.io.fuzz;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Files that keep to their format but are unusual: seldom written types, byte orders, axes and
 * settings, which a reader may overlook. Each comes with its values.
 */
enum SoundFiles {
  NPY(NpySamples::npy),
  NPZ(NpySamples::npz),
  HDF5(Hdf5Samples::of),
  SAFETENSORS(SafetensorsSamples::of),
  NIFTI(NiftiSamples::of),
  TIFF(TiffFileSamples::of),
  PNG(PngSamples::of);

  private final Function<SplittableRandom, Sample> maker;

  SoundFiles(Function<SplittableRandom, Sample> maker) {
    this.maker = maker;
  }

  Sample make(SplittableRandom random) {
    return maker.apply(random);
  }

  /** A type of numbers, beside what its bits mean. */
  enum Kind {
    FLOAT(4),
    DOUBLE(8),
    HALF(2),
    BFLOAT(2),
    SIGNED_1(1),
    SIGNED_2(2),
    SIGNED_4(4),
    SIGNED_8(8),
    UNSIGNED_1(1),
    UNSIGNED_2(2),
    UNSIGNED_4(4),
    UNSIGNED_8(8),
    TRUTH(1);

    final int size;

    Kind(int size) {
      this.size = size;
    }

    /** Writes a random number and gives its value. */
    double put(ByteBuffer to, SplittableRandom random) {
      long bits = random.nextInt(3) == 0 ? random.nextInt(-3, 300) : random.nextLong();
      return switch (this) {
        case FLOAT -> floating(to, (float) (random.nextGaussian() * 1000));
        case DOUBLE -> {
          double value = random.nextGaussian() * 1000;
          to.putDouble(value);
          yield value;
        }
        case HALF -> half(to, random);
        case BFLOAT -> {
          short high = (short) (Float.floatToIntBits((float) random.nextGaussian()) >>> 16);
          to.putShort(high);
          yield Float.intBitsToFloat(high << 16);
        }
        case TRUTH -> {
          byte truth = (byte) random.nextInt(2);
          to.put(truth);
          yield truth;
        }
        default -> integer(to, bits);
      };
    }

    private static double floating(ByteBuffer to, float value) {
      to.putFloat(value);
      return value;
    }

    /** A sign, an exponent and eleven digits, counted as the definition of binary16 has it. */
    private static double half(ByteBuffer to, SplittableRandom random) {
      int exponent = random.nextInt(31);
      int mantissa = random.nextInt(1024);
      boolean negative = random.nextBoolean();
      to.putShort((short) ((negative ? 0x8000 : 0) | exponent << 10 | mantissa));
      double magnitude =
          exponent == 0 ? mantissa * 0x1p-24 : Math.scalb(1024.0 + mantissa, exponent - 25);
      return negative ? -magnitude : magnitude;
    }

    private double integer(ByteBuffer to, long bits) {
      byte[] whole = new byte[size];
      for (int i = 0; i < size; i++) {
        whole[i] = (byte) (bits >> 8 * (size - 1 - i));
      }
      for (int i = 0; i < size; i++) {
        to.put(to.order() == ByteOrder.BIG_ENDIAN ? whole[i] : whole[size - 1 - i]);
      }
      boolean signed = name().startsWith("SIGNED");
      return (signed ? new BigInteger(whole) : new BigInteger(1, whole)).doubleValue();
    }

    static Kind any(SplittableRandom random) {
      return values()[random.nextInt(values().length)];
    }
  }

  static ByteOrder order(SplittableRandom random) {
    return random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** Extents of which few are above one, so that there are many axes of few elements. */
  static long[] shape(int rank, SplittableRandom random) {
    long[] shape = new long[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = random.nextInt(3) == 0 ? 1 : random.nextInt(1, rank > 6 ? 3 : 5);
    }
    return shape;
  }

  static int elements(long[] shape) {
    int elements = 1;
    for (long extent : shape) {
      elements *= (int) extent;
    }
    return elements;
  }

  /** Values that lie first axis first, in C order. */
  static double[] fromFortran(double[] values, long[] shape) {
    double[] ordered = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int rest = i;
      int place = 0;
      int stride = 1;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        int index = rest % (int) shape[axis];
        rest /= (int) shape[axis];
        int before = 1;
        for (int earlier = 0; earlier < axis; earlier++) {
          before *= (int) shape[earlier];
        }
        stride = before;
        place += index * stride;
      }
      ordered[i] = values[place];
    }
    return ordered;
  }
}
