package org.palimpsest.io.internal.isolation;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
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

  /**
   * Answers a child that has asked for some. If they cannot be had, it is told so, and what went
   * wrong is thrown on this side.
   */
  static void answer(Probes probes, Wire wire) throws IOException {
    long from = wire.number();
    long to = wire.number();
    INDArray batch;
    try {
      batch = probes.batch(from, to);
    } catch (RuntimeException | Error failure) {
      refuse(wire);
      throw failure;
    }
    wire.send(Wire.Signal.GO_ON);
    wire.send(batch);
    wire.flush();
  }

  /** Answers a child that there are no more. */
  static void refuse(Wire wire) throws IOException {
    wire.send(Wire.Signal.STOP);
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
      if (wire.signal() == Wire.Signal.STOP) {
        throw new PalimpsestException("The probes cannot be had.");
      }
      return wire.tensor();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
