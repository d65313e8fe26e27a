package org.palimpsest.examples.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/** What must be set before the first class of a library loads. What the user set stays. */
final class RuntimeSettings {

  private static final double SHARE_OF_MEMORY = 0.8;

  private RuntimeSettings() {}

  static void apply(String[] arguments) {
    setUnlessSet("java.awt.headless", "true");
    List<String> given = Arrays.asList(arguments);
    if (given.contains("--debug")) {
      logFrom("debug");
    } else if (given.contains("--verbose") || given.contains("-v")) {
      logFrom("info");
    }
    boundNativeMemory();
  }

  private static void logFrom(String level) {
    setUnlessSet("org.slf4j.simpleLogger.defaultLogLevel", level);
  }

  /** Tensors lie outside the heap; without this they would be held to the heap's own limit. */
  private static void boundNativeMemory() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    String bound = String.valueOf((long) (SHARE_OF_MEMORY * system.getTotalMemorySize()));
    setUnlessSet("org.bytedeco.javacpp.maxbytes", bound);
    setUnlessSet("org.bytedeco.javacpp.maxphysicalbytes", bound);
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
