package org.palimpsest.io.internal.binary;

/** The two 16-bit floating types, as float32, which holds each of their values exactly. */
public final class HalfPrecision {

  private static final int MANTISSA_BITS = 10;
  private static final int EXPONENT_MASK = 0x1f;
  private static final int MANTISSA_MASK = 0x3ff;
  private static final int EXPONENT_SHIFT_TO_FLOAT = 127 - 15;
  private static final float SMALLEST = 0x1p-24f;

  private HalfPrecision() {}

  /** IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits). */
  public static float toFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >>> MANTISSA_BITS & EXPONENT_MASK;
    int mantissa = bits & MANTISSA_MASK;
    if (exponent == 0) {
      float magnitude = mantissa * SMALLEST;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == EXPONENT_MASK ? 0xff : exponent + EXPONENT_SHIFT_TO_FLOAT;
    return Float.intBitsToFloat(sign | wide << 23 | mantissa << 13);
  }

  /** The binary16 of a value that is one of its values, so that none of its bits is lost. */
  public static short toBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int mantissa = bits >>> 13 & MANTISSA_MASK;
    int wide = bits >>> 23 & 0xff;
    int exponent = wide - EXPONENT_SHIFT_TO_FLOAT;
    if (wide == 0xff) {
      return (short) (sign | EXPONENT_MASK << MANTISSA_BITS | mantissa);
    }
    if (exponent > 0) {
      return (short) (sign | exponent << MANTISSA_BITS | mantissa);
    }
    return (short) (wide == 0 ? sign : sign | (MANTISSA_MASK + 1 | mantissa) >> 1 - exponent);
  }

  /** bfloat16: the upper half of a float32. */
  public static float bfloatToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
