package org.palimpsest.io.internal.binary;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;

/** The types of numbers in files, and how each is read. */
public enum ElementType {
  FLOAT64(8) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getDouble(at);
    }
  },
  FLOAT32(4) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getFloat(at);
    }
  },
  FLOAT16(2) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return HalfPrecision.toFloat(bytes.getShort(at));
    }
  },
  BFLOAT16(2) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return HalfPrecision.bfloatToFloat(bytes.getShort(at));
    }
  },
  INT64(8) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getLong(at);
    }
  },
  INT32(4) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getInt(at);
    }
  },
  INT16(2) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getShort(at);
    }
  },
  INT8(1) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.get(at);
    }
  },
  UINT64(8) {
    @Override
    double get(ByteBuffer bytes, int at) {
      long value = bytes.getLong(at);
      return value >= 0 ? value : 2.0 * (value >>> 1 | value & 1); // rounded once, not twice
    }
  },
  UINT32(4) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getInt(at) & 0xffffffffL;
    }
  },
  UINT16(2) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getShort(at) & 0xffff;
    }
  },
  UINT8(1) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.get(at) & 0xff;
    }
  },
  BOOL(1) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.get(at) == 0 ? 0 : 1;
    }
  };

  private final int size;

  ElementType(int size) {
    this.size = size;
  }

  abstract double get(ByteBuffer bytes, int at);

  /** Bytes per element. */
  public int size() {
    return size;
  }

  /** NumPy's and PyTorch's name for it, such as {@code float32}. */
  public String displayName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public boolean isFloating() {
    return this == FLOAT64 || this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  /**
   * The type in which elements are kept: float32 for floating types of at most 32 bits, which loses
   * nothing, and float64 for everything else, which rounds integers beyond 2^53.
   */
  public DataType tensorType() {
    return isFloating() && this != FLOAT64 ? DataType.FLOAT : DataType.DOUBLE;
  }
}
