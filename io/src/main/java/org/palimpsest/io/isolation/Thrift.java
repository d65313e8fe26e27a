package org.palimpsest.io.isolation;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.palimpsest.io.capture.MemoryBound;

/**
 * How a process treats memory.
 *
 * @param isTight whether what is freed goes back to the system at once. Otherwise the C library
 *     keeps the room of freed tensors, and what a process once held it holds for good (glibc;
 *     others pass these settings by)
 * @param mostBytes what the system lets it ask for, where the system can be told
 */
record Thrift(boolean isTight, long mostBytes) {

  private static final Map<String, String> TIGHT =
      Map.of("MALLOC_MMAP_THRESHOLD_", "262144", "MALLOC_ARENA_MAX", "2");

  /** What a process asks for beyond what it comes to hold: stacks, heaps of threads. */
  private static final long NEVER_TOUCHED = 512L << 20;

  private static final double SHARE_OF_MACHINE = 0.8;

  static Thrift within(MemoryBound bound) {
    if (bound.isLimited()) {
      return new Thrift(true, bound.ofWhole() + NEVER_TOUCHED);
    }
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Thrift(false, (long) (SHARE_OF_MACHINE * system.getTotalMemorySize()));
  }

  Map<String, String> environment() {
    return isTight ? TIGHT : Map.of();
  }
}
