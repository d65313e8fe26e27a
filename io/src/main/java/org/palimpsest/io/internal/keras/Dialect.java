package org.palimpsest.io.internal.keras;

/**
 * Which Keras wrote a file, for what changed its meaning.
 *
 * @param version such as {@code 2.2.4} or {@code 3.15.1}
 * @param backend such as {@code tensorflow}; empty if the file does not tell
 * @param turnsKernels whether it ran on Theano, which turns kernels round and pads otherwise
 * @param channelsFirst whether arrays are given as Keras has them, since their channels come first
 */
record Dialect(String version, String backend, boolean turnsKernels, boolean channelsFirst) {

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

  /** Keras by itself from 2.0 to before a release of 2.x. */
  private boolean isOfTwoBefore(int minor, int patch) {
    String[] numbers = version.split("\\.", -1);
    if (major() != 2 || version.contains("tf") || numbers.length < 3) {
      return false;
    }
    int of = Integer.parseInt("0" + numbers[1].replaceAll("\\D.*", ""));
    int at = Integer.parseInt("0" + numbers[2].replaceAll("\\D.*", ""));
    return of < minor || of == minor && at < patch;
  }

  /** Where it is not known whether a mean near the border counts what is padded: 2.1.3 did. */
  boolean countsPaddingPerhaps() {
    return turnsKernels && isOfTwoBefore(1, 6);
  }

  /** Where dense layers add their bias along the channels' axis of planes, by a setting. */
  boolean addsBiasOfDenseElsewhere() {
    return channelsFirst && isOfTwoBefore(2, 2);
  }

  String describe() {
    return backend.isEmpty() ? "Keras " + version : "Keras %s on %s".formatted(version, backend);
  }
}
