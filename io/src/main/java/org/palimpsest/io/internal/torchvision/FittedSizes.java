package org.palimpsest.io.internal.torchvision;

import java.util.List;
import org.palimpsest.io.internal.nn.Scope;

/**
 * The two sizes that follow the file: people replace the first convolution, for images of other
 * channels, and the last layer, for other classes, after the network was made.
 */
final class FittedSizes {

  private static final long COLOURS = 3;

  private FittedSizes() {}

  /** The channels of the images that the first convolution takes. */
  static long inputs(Scope convolution) {
    List<Long> shape = convolution.shape("weight");
    return shape.size() == 4 ? shape.get(1) : COLOURS;
  }

  /** The same, noted on the result if it is not what torchvision makes. */
  static long notedInputs(Scope convolution) {
    long inputs = inputs(convolution);
    if (inputs != COLOURS) {
      convolution
          .graph()
          .note(
              "%s takes %d channels, as its tensor in the file does, where torchvision makes it for %d"
                  .formatted(convolution.name(), inputs, COLOURS));
    }
    return inputs;
  }

  /** The classes that the last layer gives, noted on the result if they are not as described. */
  static long classes(Scope last, long described) {
    List<Long> shape = last.shape("weight");
    long classes = shape.isEmpty() ? described : shape.get(0);
    if (classes != described) {
      last.graph()
          .note(
              "%s gives %d classes, as its tensor in the file does, where the description says %d"
                  .formatted(last.name(), classes, described));
    }
    return classes;
  }
}
