package org.palimpsest.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.TypeConversionException;

/** What must be set before the first class of a library loads. What the user set stays. */
final class RuntimeSettings {

  private static final double SHARE_OF_MEMORY = 0.8;

  /** With less, ND4J breaks off while it is loaded; that it is too little is told later. */
  private static final long LEAST_TO_LOAD = 400L << 20;

  private RuntimeSettings() {}

  static void apply(String[] arguments) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // files and tables are alike everywhere
    setUnlessSet("java.awt.headless", "true");
    setUnlessSet("org.slf4j.simpleLogger.logFile", "System.err");
    List<String> given = Arrays.asList(arguments);
    if (given.contains("--debug")) {
      logFrom("debug");
    } else if (given.contains("--verbose") || given.contains("-v")) {
      logFrom("info");
    } else {
      logFrom("error"); // a library's own settings, where they are found first, say info
      setUnlessSet("org.slf4j.simpleLogger.log.org.nd4j", "off"); // it throws what it logs
      setUnlessSet(
          "slf4j.internal.verbosity", "ERROR"); // a jar that leaves logging to Spark has none
    }
    LoggerFactory.getILoggerFactory(); // before several threads log at once, of which it complains
    boundNativeMemory(given);
  }

  private static void logFrom(String level) {
    setUnlessSet("org.slf4j.simpleLogger.defaultLogLevel", level);
  }

  /** Tensors lie outside the heap; without this they would be held to the heap's own limit. */
  private static void boundNativeMemory(List<String> given) {
    long most = (long) (SHARE_OF_MEMORY * memoryOfMachine());
    long asked = mostMemory(given).map(MemorySize::bytes).orElse(most);
    String bound = String.valueOf(Math.min(most, Math.max(LEAST_TO_LOAD, asked)));
    setUnlessSet("org.bytedeco.javacpp.maxbytes", bound);
    setUnlessSet("org.bytedeco.javacpp.maxphysicalbytes", bound);
  }

  /** Bytes of memory that the machine has, or the container that this runs in. */
  static long memoryOfMachine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** What --max-memory says; what it says wrongly will be told when the command is read. */
  static Optional<MemorySize> mostMemory(List<String> given) {
    for (int i = 0; i < given.size(); i++) {
      String argument = given.get(i);
      try {
        if (argument.equals(ModelOptions.MAX_MEMORY) && i + 1 < given.size()) {
          return Optional.of(MemorySize.parse(given.get(i + 1)));
        }
        if (argument.startsWith(ModelOptions.MAX_MEMORY + "=")) {
          return Optional.of(MemorySize.parse(argument.substring(argument.indexOf('=') + 1)));
        }
      } catch (TypeConversionException told) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
