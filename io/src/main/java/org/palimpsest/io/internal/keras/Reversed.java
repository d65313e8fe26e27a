package org.palimpsest.io.internal.keras;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;

/**
 * A whole storage read from its end along the first or the last axes of its array, as Theano's
 * convolution reads a kernel.
 *
 * @param outer into how many pieces the storage falls, which keep their order
 * @param turned how many groups of elements each piece has, which are turned round
 * @param inner how many bytes a group has, which keep their order
 */
record Reversed(Storage base, int outer, int turned, int inner) implements Storage {

  /**
   * A kernel that is turned round.
   *
   * @param stored contiguous
   * @param first the first of the axes of space
   * @param count how many there are
   */
  static StoredTensor of(StoredTensor stored, int first, int count) {
    long outer = 1;
    long turned = 1;
    long inner = stored.type().size();
    for (int i = 0; i < stored.shape().size(); i++) {
      long extent = stored.shape().get(i);
      if (i < first) {
        outer *= extent;
      } else if (i < first + count) {
        turned *= extent;
      } else {
        inner *= extent;
      }
    }
    List<Long> shape = new ArrayList<>(stored.shape());
    Reversed storage =
        new Reversed(
            stored.storage(),
            Math.toIntExact(outer),
            Math.toIntExact(turned),
            Math.toIntExact(inner));
    return StoredTensor.contiguous(storage, stored.type(), shape);
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public long bytes() {
    return base.bytes();
  }

  @Override
  public InputStream open() throws IOException {
    byte[] all;
    try (InputStream in = base.open()) {
      all = in.readAllBytes();
    }
    byte[] result = new byte[all.length];
    for (int piece = 0; piece < outer; piece++) {
      for (int group = 0; group < turned; group++) {
        int from = (piece * turned + group) * inner;
        int to = (piece * turned + turned - 1 - group) * inner;
        System.arraycopy(all, from, result, to, inner);
      }
    }
    return new ByteArrayInputStream(result);
  }
}
