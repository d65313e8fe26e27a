package org.palimpsest.io.internal.frontend;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.palimpsest.core.representation.ReducingSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.internal.architecture.ArchitectureReader;
import org.palimpsest.io.internal.architecture.BundleReader;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.keras.KerasReader;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.internal.pt2.Pt2Reader;
import org.palimpsest.io.internal.smp.SmpReader;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.RunLimits;

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
          new SmpReader(),
          new KerasReader());

  private FrontEnds() {}

  /** What reads a file or folder, if anything does. */
  public static Optional<Found> of(Path file, NetworkOptions options) {
    FileKind kind = FileKind.of(file);
    for (GraphReader reader : ALL) {
      Optional<GraphReader.Recognised> recognised = reader.recognise(file, kind, options);
      if (recognised.isPresent()) {
        return Optional.of(new Found(reader, recognised.get(), file, options));
      }
    }
    return Optional.empty();
  }

  /**
   * A file or folder from which a network is built.
   *
   * @param reader what reads it
   * @param recognised what was seen of it
   * @param options what the user says of it
   */
  public record Found(
      GraphReader reader, GraphReader.Recognised recognised, Path file, NetworkOptions options) {

    /**
     * Opens the network.
     *
     * @throws org.palimpsest.core.PalimpsestException if the file is damaged, or cannot be run
     */
    public ReducingSource open(RunLimits limits) {
      TorchScriptNetwork network = null;
      try (OpenGraph open = recognised.open()) {
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
     * The network's layers and what is known of it, without its weights.
     *
     * @throws org.palimpsest.core.PalimpsestException if the file is damaged
     */
    public GraphOutline outline() {
      try (OpenGraph open = recognised.open()) {
        return GraphOutline.of(open.graph());
      }
    }

    /**
     * Reads the tensors that the network uses, or all where the network is not known.
     *
     * @throws org.palimpsest.core.PalimpsestException if the file is damaged
     */
    public Weights weights() {
      return reader
          .weightsAlone(file, FileKind.of(file), options)
          .orElseGet(this::weightsOfNetwork);
    }

    private Weights weightsOfNetwork() {
      try (OpenGraph open = recognised.open()) {
        return GraphWeights.read(open.graph());
      }
    }

    /** The other files of which the network is made. */
    public List<Path> filesBeside() {
      return reader.filesBeside(file, options);
    }

    /**
     * Tells what the network is; nothing of it is run.
     *
     * @param receiver gets that, and reads the tensors that the network uses if it wants them
     * @throws org.palimpsest.core.PalimpsestException if the file is damaged
     */
    public void tell(BiConsumer<GraphOutline, Supplier<Weights>> receiver) {
      try (OpenGraph open = recognised.open()) {
        NetworkGraph graph = open.graph();
        receiver.accept(GraphOutline.of(graph), () -> GraphWeights.read(graph));
      }
    }
  }
}
