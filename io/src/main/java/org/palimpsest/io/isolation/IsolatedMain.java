package org.palimpsest.io.isolation;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.palimpsest.core.activation.ActivationBatch;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.capture.RunLimits;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.onnx.OnnxNetwork;

/**
 * The process in which networks run, one at a time; {@link IsolatedNetwork} starts it. It ends when
 * the other side closes the connection.
 */
public final class IsolatedMain {

  private final Wire wire;

  private IsolatedMain(Wire wire) {
    this.wire = wire;
  }

  /**
   * @param arguments the socket on which the other process listens
   */
  public static void main(String[] arguments) throws IOException {
    Deserialisation.refuse();
    try (SocketChannel channel =
            SocketChannel.open(UnixDomainSocketAddress.of(Path.of(arguments[0])));
        Wire wire = new Wire(channel)) {
      new IsolatedMain(wire).serve();
    }
    Runtime.getRuntime().halt(0);
  }

  private void serve() throws IOException {
    while (true) {
      try {
        if (wire.signal() == Signal.OPEN) {
          serve(wire.openedFile(), wire.limits());
        }
      } catch (EOFException noMoreToDo) {
        return;
      }
    }
  }

  private void serve(Path file, RunLimits limits) throws IOException {
    try (ActivationSource network = open(file, limits)) {
      done(network);
      while (wire.signal() == Signal.RUN) {
        run(network);
      }
    } catch (RuntimeException | LinkageError | OutOfMemoryError failure) {
      fail(failure);
    }
  }

  private static ActivationSource open(Path file, RunLimits limits) {
    return FileKind.of(file) == FileKind.ONNX
        ? OnnxNetwork.open(file, limits)
        : TorchScriptNetwork.open(file, limits);
  }

  private void run(ActivationSource network) throws IOException {
    LayerSelector layers = LayerSelector.of(wire.texts());
    RemoteProbes probes = RemoteProbes.receive(wire);
    try {
      network.run(probes, layers, Progress.silent(), this::hand);
      done(network);
    } catch (UncheckedIOException broken) {
      throw broken.getCause();
    } catch (RuntimeException | LinkageError | OutOfMemoryError failure) {
      fail(failure);
    }
  }

  private void hand(ActivationBatch batch) {
    try {
      wire.send(Signal.BATCH);
      wire.send(batch);
      wire.flush();
      batch.free();
      if (wire.signal() == Signal.STOP) {
        throw new IllegalStateException("stopped");
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private void done(ActivationSource network) throws IOException {
    wire.send(Signal.DONE);
    wire.send(network.name());
    wire.send(network.provenance());
    wire.flush();
  }

  private void fail(Throwable failure) throws IOException {
    wire.send(Signal.FAILED);
    wire.send(IsolatedFailure.describe(failure));
    wire.flush();
  }
}
