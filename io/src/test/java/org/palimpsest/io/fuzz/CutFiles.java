package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Copies of sound files that end too early, as an interrupted copy does, or go on behind their end.
 * Right is a refusal or the same numbers, whether or not the format has a checksum.
 */
final class CutFiles {

  /** Kinds of which other changes are made, or the same file is read in another way. */
  private static final Set<String> WITHOUT =
      Set.of(
          "journal",
          "torchscript-swollen",
          "torchscript-swollen-frozen",
          "pt2-program",
          "dl4j-unusual",
          "keras-settings",
          "onnx");

  private static final int MOST_BEHIND = 5000;

  private CutFiles() {}

  /** The kinds of {@link FuzzTarget}, changed in this way. */
  static List<FuzzTarget> targets() throws IOException {
    return FuzzTarget.all().stream()
        .filter(target -> !WITHOUT.contains(target.name()))
        .map(
            target ->
                new FuzzTarget(
                    target.name() + "-cut",
                    target.ending(),
                    target.content(),
                    true,
                    target.reader(),
                    CutFiles::change))
        .toList();
  }

  /** A copy that ends earlier, half of the time by little, or now and then later. */
  static byte[] change(byte[] sound, SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> longer(sound, random);
      case 1, 2 ->
          Arrays.copyOf(sound, sound.length - 1 - random.nextInt(Math.min(64, sound.length)));
      default -> Arrays.copyOf(sound, random.nextInt(sound.length));
    };
  }

  /** With zeros, noise, or the file once more behind it. */
  private static byte[] longer(byte[] sound, SplittableRandom random) {
    byte[] longer = Arrays.copyOf(sound, sound.length + 1 + random.nextInt(MOST_BEHIND));
    int kind = random.nextInt(3);
    for (int i = sound.length; i < longer.length && kind > 0; i++) {
      longer[i] = kind == 1 ? (byte) random.nextInt() : sound[(i - sound.length) % sound.length];
    }
    return longer;
  }
}
