package org.palimpsest.io.internal.graph;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;

/**
 * A run of numbers in a file, read when it is needed. Tensors that share one must hold the same
 * object: it is then written once.
 */
public interface Storage {

  /** What to call it in messages. */
  String name();

  /** How many bytes it has; held against the file before. */
  long bytes();

  default ByteOrder order() {
    return ByteOrder.LITTLE_ENDIAN;
  }

  /**
   * Its bytes from the first on. A checksum that the file has for them is held against them by the
   * time that the last one was read.
   */
  InputStream open() throws IOException;

  /** Little-endian bytes in memory. */
  static Storage of(String name, byte[] bytes) {
    return of(name, bytes, ByteOrder.LITTLE_ENDIAN);
  }

  /** Bytes in memory. */
  static Storage of(String name, byte[] bytes, ByteOrder order) {
    byte[] own = bytes.clone();
    return new Storage() {
      @Override
      public ByteOrder order() {
        return order;
      }

      @Override
      public String name() {
        return name;
      }

      @Override
      public long bytes() {
        return own.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(own);
      }
    };
  }
}
