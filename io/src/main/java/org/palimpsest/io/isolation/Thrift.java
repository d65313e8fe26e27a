package org.palimpsest.io.isolation;

import java.util.Map;
import org.palimpsest.io.capture.MemoryBound;

/** How a process treats memory that it no longer needs. */
enum Thrift {
  /** As is fastest. */
  USUAL(Map.of()),

  /**
   * What is freed goes back to the system at once. Otherwise the C library keeps the room of freed
   * tensors, and what a process once held it holds for good (glibc; others pass these settings by).
   */
  TIGHT(Map.of("MALLOC_MMAP_THRESHOLD_", "262144", "MALLOC_ARENA_MAX", "2"));

  private final Map<String, String> environment;

  Thrift(Map<String, String> environment) {
    this.environment = environment;
  }

  static Thrift within(MemoryBound bound) {
    return bound.isLimited() ? TIGHT : USUAL;
  }

  Map<String, String> environment() {
    return environment;
  }
}
