package org.palimpsest.io.frontend;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.architecture.ArchitectureReader;
import org.palimpsest.io.architecture.BundleReader;
import org.palimpsest.io.capture.RunLimits;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.graph.GraphOptions;
import org.palimpsest.io.graph.GraphReader;
import org.palimpsest.io.graph.OpenGraph;
import org.palimpsest.io.nnunet.NnUnetReader;
import org.palimpsest.io.pt2.Pt2Reader;
import org.palimpsest.io.smp.SmpReader;

/**
 * The readers of all kinds of files and folders from which networks are built. A new kind is one
 * {@link GraphReader} and one entry in the list here.
 */
public final class FrontEnds {

  /** The first that recognises a file reads it: narrower kinds come before wider ones. */
  private static final List<GraphReader> ALL =
      List.of(
          new Pt2Reader(),
          new ArchitectureReader(),
          new NnUnetReader(),
          new BundleReader(),
          new SmpReader());

  private FrontEnds() {}

  /** The reader of a file or folder, if there is one. */
  public static Optional<GraphReader> of(Path file, GraphOptions options) {
    FileKind kind = FileKind.of(file);
    return ALL.stream().filter(reader -> reader.recognises(file, kind, options)).findFirst();
  }

  /** Whether there is a reader of a file or folder. */
  public static boolean read(Path file, GraphOptions options) {
    return of(file, options).isPresent();
  }

  /**
   * Opens the network.
   *
   * @throws PalimpsestException if nothing reads the file, or it is damaged, or cannot be run
   */
  public static ActivationSource open(Path file, RunLimits limits, GraphOptions options) {
    TorchScriptNetwork network = null;
    try (OpenGraph open = graph(file, options)) {
      network = TorchScriptNetwork.open(open.graph(), limits);
    } catch (RuntimeException failure) {
      if (network != null) {
        network.close();
      }
      throw failure;
    }
    return network;
  }

  /**
   * Reads the tensors that the network uses.
   *
   * @throws PalimpsestException if nothing reads the file, or it is damaged
   */
  public static Weights weights(Path file, GraphOptions options) {
    try (OpenGraph open = graph(file, options)) {
      return GraphWeights.read(open.graph());
    }
  }

  /**
   * Tells what the network is; nothing of it is run.
   *
   * @throws PalimpsestException if nothing reads the file, or it is damaged
   */
  public static GraphOutline outline(Path file, GraphOptions options) {
    try (OpenGraph open = graph(file, options)) {
      return GraphOutline.of(open.graph());
    }
  }

  private static OpenGraph graph(Path file, GraphOptions options) {
    return of(file, options)
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "%s is %s; no network is built from it."
                        .formatted(file, FileKind.of(file).description())))
        .open(file, options);
  }
}
