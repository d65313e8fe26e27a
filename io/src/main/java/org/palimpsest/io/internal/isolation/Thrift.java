package org.palimpsest.io.internal.isolation;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.palimpsest.internal.file.ProcFile;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;

/**
 * How a process treats memory.
 *
 * @param isTight whether what is freed goes back to the system at once. Otherwise the C library
 *     keeps the room of freed tensors, and what a process once held it holds for good (glibc;
 *     others pass these settings by)
 * @param mostBytes what the system lets it ask for, where the system can be told
 */
record Thrift(boolean isTight, long mostBytes) {

  /** Huge pages: touching a new tensor page by page costs more than many a layer. */
  private static final Map<String, String> LOOSE =
      Map.of("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");

  private static final Map<String, String> TIGHT =
      Map.of(
          "GLIBC_TUNABLES",
          "glibc.malloc.hugetlb=1",
          "MALLOC_MMAP_THRESHOLD_",
          "4194304",
          "MALLOC_ARENA_MAX",
          "2");

  /** What a process asks for beyond what it comes to hold: stacks, heaps of threads. */
  private static final long NEVER_TOUCHED = 512L << 20;

  /** With less than it takes to be loaded, OpenBLAS tries to get memory for ever. */
  private static final long LEAST_TO_LOAD = 1200L << 20;

  /** The rest is for the other processes of the machine, this one among them. */
  private static final double SHARE = 0.8;

  /** Found out once, so that one process can run one network after the other. */
  private static final Thrift OF_THE_MACHINE = ofTheMachine();

  static Thrift within(MemoryBound bound) {
    if (bound.isLimited()) {
      return new Thrift(true, Math.max(LEAST_TO_LOAD, bound.ofWhole() + NEVER_TOUCHED));
    }
    return OF_THE_MACHINE;
  }

  private static Thrift ofTheMachine() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long available = ProcFile.MEMORY.bytes("MemAvailable").orElse(Long.MAX_VALUE);
    long most = Math.min(system.getTotalMemorySize(), available);
    return new Thrift(false, (long) (SHARE * most) + NEVER_TOUCHED);
  }

  Map<String, String> environment() {
    return isTight ? TIGHT : LOOSE;
  }
}
