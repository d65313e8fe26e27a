package org.palimpsest.io.internal.isolation;

import java.io.IOException;
import java.nio.file.Path;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** Which file the child is to open, and how it is to be run. */
record Opening(Path file, RunLimits limits, NetworkOptions options) {

  void send(Wire wire) throws IOException {
    wire.send(Wire.Signal.OPEN);
    wire.send(file.toString());
    wire.send(limits.batchSize());
    wire.send(limits.memory().bytes());
    wire.send(limits.memory().ofWhole());
    wire.send(options.architecture().map(Path::toString).stream().toList());
    wire.send(options.key().stream().toList());
    wire.send(options.fold().stream().toList());
    wire.send(options.checkpoint().stream().toList());
    wire.send(options.withoutPrefixes());
    wire.flush();
  }

  /** What follows the signal to open. */
  static Opening receive(Wire wire) throws IOException {
    return new Opening(
        Path.of(wire.text()),
        new RunLimits((int) wire.number(), new MemoryBound(wire.number(), wire.number())),
        new NetworkOptions(
            wire.texts().stream().findFirst().map(Path::of),
            wire.texts().stream().findFirst(),
            wire.texts().stream().findFirst(),
            wire.texts().stream().findFirst(),
            wire.texts()));
  }
}
