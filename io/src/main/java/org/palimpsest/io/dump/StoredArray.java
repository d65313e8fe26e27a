package org.palimpsest.io.dump;

import java.util.List;

/**
 * One array of a file, unread.
 *
 * @param name its name or path
 * @param shape its extents, samples first
 * @param type the type of its elements, such as {@code float32}
 */
public record StoredArray(String name, List<Long> shape, String type) {

  public StoredArray {
    shape = List.copyOf(shape);
  }
}
