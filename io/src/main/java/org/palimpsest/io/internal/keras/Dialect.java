package org.palimpsest.io.internal.keras;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which Keras wrote a file, for what changed its meaning.
 *
 * @param version such as {@code 2.2.4} or {@code 3.15.1}
 * @param backend such as {@code tensorflow}; empty if the file does not tell
 * @param turnsKernels whether it ran on Theano, which turns kernels round and pads otherwise
 * @param channelsFirst whether arrays are given as Keras has them, since their channels come first
 */
record Dialect(String version, String backend, boolean turnsKernels, boolean channelsFirst) {

  private static final Pattern RELEASE = Pattern.compile("2\\.(\\d{1,3})\\.(\\d{1,3})");

  /** 1, 2 or 3. */
  int major() {
    return Character.digit(version.charAt(0), 10);
  }

  /** Whether it is this release or a later one of the same major version; the last if not told. */
  boolean isFrom(int major, int minor) {
    String[] numbers = version.split("\\.", -1);
    boolean isTold = numbers.length > 1 && numbers[1].matches("\\d{1,4}");
    return major() == major && (!isTold || Integer.parseInt(numbers[1]) >= minor);
  }

  boolean isTwoOrEarlier() {
    return major() <= 2;
  }

  /** Keras by itself on TensorFlow 1, whose interpolation does not count from pixels' centres. */
  boolean interpolatesFromCorners() {
    return version.matches("2\\.[0-3](\\..*)?") && !version.contains("tf");
  }

  /**
   * Whether means near the border count what Theano pads there, as Keras 2.0.4 to 2.1.4 has it;
   * empty if the file does not tell the release.
   */
  Optional<Boolean> countsPadding() {
    return isTwoByItself(204, 214);
  }

  /**
   * Whether pooling of volumes keeps what Theano gives for padding beyond the expected size, as
   * Keras 2.0.0 to 2.1.5 does; empty if the file does not tell the release.
   */
  Optional<Boolean> keepsPaddedVolumes() {
    return isTwoByItself(200, 215);
  }

  /**
   * Whether dense layers may add their bias along the first axis after the samples, as Keras 2.0.0
   * to 2.2.0 does where its own setting, which files do not keep, has channels first.
   */
  boolean mayAddBiasOfDenseFirst() {
    return (channelsFirst || turnsKernels) && isTwoByItself(200, 220).orElse(true);
  }

  /** Whether it is Keras by itself of such releases of 2, 214 for 2.1.4, both included. */
  private Optional<Boolean> isTwoByItself(int from, int to) {
    if (major() != 2 || version.contains("tf")) {
      return Optional.of(false);
    }
    Matcher release = RELEASE.matcher(version);
    if (!release.lookingAt()) {
      return Optional.empty();
    }
    int minor = Integer.parseInt(release.group(1));
    int patch = Math.min(9, Integer.parseInt(release.group(2)));
    int told = 200 + 10 * minor + patch;
    return Optional.of(from <= told && told <= to);
  }

  String describe() {
    return backend.isEmpty() ? "Keras " + version : "Keras %s on %s".formatted(version, backend);
  }
}
