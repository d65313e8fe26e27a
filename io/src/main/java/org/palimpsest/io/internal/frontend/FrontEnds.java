package org.palimpsest.io.internal.frontend;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.internal.architecture.ArchitectureReader;
import org.palimpsest.io.internal.architecture.BundleReader;
import org.palimpsest.io.internal.binary.Elements;
import org.palimpsest.io.internal.binary.StridedView;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.keras.KerasReader;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.internal.pt2.Pt2Reader;
import org.palimpsest.io.internal.smp.SmpReader;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

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

  /** A file or folder of Keras, if it is one. */
  public static Optional<Found> ofKeras(Path file) {
    return of(file, NetworkOptions.none()).filter(found -> found.reader() instanceof KerasReader);
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
     * Opens the network. Its hash is that of the file with its weights; those of the files that
     * tell what is done with them are told in notes.
     *
     * @throws org.palimpsest.core.PalimpsestException if the file is damaged, or cannot be run
     */
    public ReducingSource open(RunLimits limits) {
      List<UnchangedFile> beside =
          filesBeside().stream().filter(Files::isRegularFile).map(UnchangedFile::since).toList();
      TorchScriptNetwork network = null;
      try (OpenGraph open = recognised.open()) {
        List<String> hashes =
            beside.stream()
                .map(
                    other ->
                        "made of %s as well, of the SHA-256 %s"
                            .formatted(InputFiles.name(other.file()), other.sha256()))
                .toList();
        network = TorchScriptNetwork.open(open.graph().noting(hashes), limits);
        beside.forEach(UnchangedFile::require);
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

  /** Reads the tensors of a graph. */
  private static final class GraphWeights {

    private static final long ALWAYS_ALLOWED = 1L << 25;
    private static final long EXPANSION = 4;

    private final NetworkGraph graph;
    private final Map<Storage, List<NetworkGraph.Tensor>> byStorage = new IdentityHashMap<>();
    private final Map<Value, LayerKind> kinds = new HashMap<>();
    private final Map<String, WeightTensor> read = new LinkedHashMap<>();
    private final List<String> empty = new ArrayList<>();

    private GraphWeights(NetworkGraph graph) {
      this.graph = graph;
    }

    static Weights read(NetworkGraph graph) {
      try {
        return new GraphWeights(graph).weights();
      } catch (IOException failure) {
        throw InputFiles.unreadable(Path.of(graph.provenance().origin()), failure);
      }
    }

    private Weights weights() throws IOException {
      graph.steps().forEach(this::tellKinds);
      requireHonest();
      List<Storage> storages = new ArrayList<>();
      for (NetworkGraph.Tensor tensor : graph.tensors()) {
        Storage storage = tensor.stored().storage();
        if (tensor.stored().elements() == 0) {
          empty.add(name(tensor) + " (empty)");
        } else {
          if (!byStorage.containsKey(storage)) {
            storages.add(storage);
          }
          byStorage.computeIfAbsent(storage, s -> new ArrayList<>()).add(tensor);
        }
      }
      for (Storage storage : storages) {
        read(storage, byStorage.getOrDefault(storage, List.of()));
      }
      List<String> notes = new ArrayList<>(graph.provenance().notes());
      if (!empty.isEmpty()) {
        notes.add("left out: " + String.join(", ", empty));
      }
      Provenance provenance =
          new Provenance(graph.provenance().origin(), graph.provenance().sha256(), notes);
      List<WeightTensor> inOrder = new ArrayList<>();
      for (NetworkGraph.Tensor tensor : graph.tensors()) {
        WeightTensor found = read.get(name(tensor));
        if (found != null) {
          inOrder.add(found);
        }
      }
      return Weights.of(provenance, graph.name(), inOrder);
    }

    private static String name(NetworkGraph.Tensor tensor) {
      return String.join(".", tensor.path());
    }

    /** Strides of 0 can make much of little; no honest file's weights do. */
    private void requireHonest() {
      long elements = 0;
      long bytes = 0;
      for (NetworkGraph.Tensor tensor : graph.tensors()) {
        elements += tensor.stored().elements();
        bytes += tensor.stored().storage().bytes();
        if (elements < 0 || elements > Math.max(ALWAYS_ALLOWED, EXPANSION * bytes)) {
          throw new PalimpsestException(
              "%s claims tensors of more than %s numbers, but stores %s bytes for them: it is damaged or harmful."
                  .formatted(graph.provenance().origin(), elements, bytes));
        }
      }
    }

    private void read(Storage storage, List<NetworkGraph.Tensor> tensors) throws IOException {
      StoredTensor first = tensors.get(0).stored();
      for (NetworkGraph.Tensor tensor : tensors) {
        if (tensor.stored().type() != first.type()) {
          throw new PalimpsestException(
              "%s holds tensors of different types at the same place, which is not read."
                  .formatted(storage.name()));
        }
      }
      try (InputStream in = new BufferedInputStream(storage.open())) {
        long count = storage.bytes() / first.type().size();
        INDArray numbers = Elements.read(in, first.type(), storage.order(), count, storage.name());
        for (NetworkGraph.Tensor tensor : tensors) {
          INDArray values = view(tensor.stored(), numbers, name(tensor));
          LayerKind kind = kinds.getOrDefault(tensor.value(), LayerKind.UNKNOWN);
          read.put(
              name(tensor),
              new WeightTensor(name(tensor), values, first.type().displayName(), kind));
        }
      }
    }

    private static INDArray view(StoredTensor view, INDArray storage, String name) {
      return new StridedView(view.offset(), view.shape(), view.strides()).copyOf(storage, name);
    }

    private void tellKinds(NetworkGraph.Step step) {
      if (step instanceof NetworkGraph.Call call) {
        LayerKind kind = kind(call);
        for (NetworkGraph.NamedArgument argument : call.arguments()) {
          if (argument.argument() instanceof Value value && kind != LayerKind.UNKNOWN) {
            kinds.putIfAbsent(value, kind);
          }
        }
      }
    }

    private static LayerKind kind(NetworkGraph.Call call) {
      String operator = call.operator().split("\\.", 2)[0];
      if (operator.startsWith("conv_transpose") || isTransposed(call)) {
        return LayerKind.TRANSPOSED_CONVOLUTION;
      }
      if (operator.startsWith("conv")) {
        return LayerKind.CONVOLUTION;
      }
      if (operator.equals("linear")) {
        return LayerKind.LINEAR;
      }
      return operator.contains("_norm") ? LayerKind.NORMALISATION : LayerKind.UNKNOWN;
    }

    private static boolean isTransposed(NetworkGraph.Call call) {
      return call.operator().startsWith("convolution")
          && call.arguments().stream()
              .anyMatch(
                  a ->
                      a.name().map("transposed"::equals).orElse(false)
                          && a.argument().equals(new Argument.Bool(true)));
    }
  }
}
