package org.palimpsest.similarity.rsa;

import java.util.Arrays;
import org.palimpsest.core.representation.Representation;

/**
 * The pairs of samples of different images.
 *
 * @param images how many there are
 * @param rowsOfEach how many samples each image has, which follow each other
 */
record ImagePairs(int images, int rowsOfEach) {

  /** Looks at a pair. */
  @FunctionalInterface
  interface Visitor {

    /**
     * @param pair its place in the strict upper triangle of all samples, row after row
     * @param image of its first sample
     * @param other of its second sample
     */
    void visit(int pair, int image, int other);
  }

  static ImagePairs of(Representation.Info info) {
    return new ImagePairs(Math.toIntExact(info.probeCount()), info.rowsPerProbe());
  }

  double count() {
    return images * (images - 1.0) / 2 * rowsOfEach * rowsOfEach;
  }

  double countWithoutAnImage() {
    return count() - ofEachImage();
  }

  double ofEachImage() {
    return (images - 1.0) * rowsOfEach * rowsOfEach;
  }

  /** The sum over all pairs, of what each image has of its own: each pair is one of two images. */
  static double sum(double[] ofImages) {
    return Arrays.stream(ofImages).sum() / 2;
  }

  void forEach(Visitor visitor) {
    int rows = images * rowsOfEach;
    for (int row = 0, pair = 0; row < rows; row++) {
      int image = row / rowsOfEach;
      int end = (image + 1) * rowsOfEach;
      pair += end - row - 1;
      for (int other = end; other < rows; other++, pair++) {
        visitor.visit(pair, image, other / rowsOfEach);
      }
    }
  }
}
