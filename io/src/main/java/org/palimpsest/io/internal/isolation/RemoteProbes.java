package org.palimpsest.io.internal.isolation;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;

/** Probes that the other process holds and sends when they are asked for. */
record RemoteProbes(Wire wire, long[] shape, Fingerprint fingerprint, Fingerprint wholeFingerprint)
    implements Probes {

  static RemoteProbes receive(Wire wire) throws IOException {
    return new RemoteProbes(
        wire, wire.shape(), new Fingerprint(wire.text()), new Fingerprint(wire.text()));
  }

  /** Says to the other side which probes there are. */
  static void announce(Probes probes, Wire wire) throws IOException {
    wire.send(probes.shape());
    wire.send(probes.fingerprint().value());
    wire.send(probes.wholeFingerprint().value());
  }

  /** Answers a child that has asked for some. */
  static void answer(Probes probes, Wire wire) throws IOException {
    wire.send(probes.batch(wire.number(), wire.number()));
    wire.flush();
  }

  @Override
  public long count() {
    return shape[0];
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public INDArray batch(long from, long to) {
    try {
      wire.send(Wire.Signal.PROBES);
      wire.send(from);
      wire.send(to);
      wire.flush();
      return wire.tensor();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
