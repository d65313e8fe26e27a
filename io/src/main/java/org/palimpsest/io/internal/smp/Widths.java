package org.palimpsest.io.internal.smp;

import java.util.List;
import org.palimpsest.io.internal.nn.Arguments;

/** {@code decoder_channels} of decoders with a block for each feature. */
final class Widths {

  private static final List<Long> USUAL = List.of(256L, 128L, 64L, 32L, 16L);

  private Widths() {}

  static List<Long> of(Arguments arguments, Encoder encoder) {
    List<Long> given =
        arguments.has("decoder_channels") ? arguments.integers("decoder_channels") : USUAL;
    arguments.withoutEffect("decoder_channels");
    if (given.size() != encoder.depth()) {
      throw arguments.wrong(
          "decoder_channels", "as many channels as encoder_depth, %d,".formatted(encoder.depth()));
    }
    return given;
  }
}
