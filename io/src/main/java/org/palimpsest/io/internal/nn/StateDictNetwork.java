package org.palimpsest.io.internal.nn;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Extent;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.TensorStock;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.weights.StateDict;

/** A network that is known, with the weights of a state dict. */
public final class StateDictNetwork {

  private static final List<String> WRAPPERS = List.of("model", "net", "network", "module");
  private static final Set<String> COUNTERS =
      Set.of("n_averaged", "num_updates", "decay", "initted", "step");
  private static final int DEEPEST = 4;

  private StateDictNetwork() {}

  /**
   * Puts both together. What wraps the names of the network's tensors is found by trying: with none
   * first, and the first that fits counts.
   *
   * @param stamp of the file as it was before anything of it was read
   * @param notes for the provenance
   * @throws PalimpsestException if a tensor is missing, has another shape, or is left over, if the
   *     tensors of another network in the state dict fit as well, or if modules that were saved
   *     whole have other settings than the network
   */
  public static OpenGraph open(
      UnchangedFile stamp, StateDict dict, Blueprint network, List<String> notes) {
    Optional<PalimpsestException> first = Optional.empty();
    for (String wrapper : wrappers(dict)) {
      NetworkGraph graph;
      try {
        graph = build(stamp.file(), dict, network, wrapper, notes);
      } catch (PalimpsestException doesNotFit) {
        first = Optional.of(first.orElse(doesNotFit));
        continue;
      }
      another(dict, wrapper).ifPresent(other -> refuse(stamp.file(), List.of(wrapper, other)));
      List<String> more = SavedSettings.require(stamp.file(), dict.modules(), graph, wrapper);
      return new OpenGraph(graph.noting(more), stamp::require);
    }
    if (!dict.alike().isEmpty()) {
      refuse(stamp.file(), dict.alike().stream().map(key -> key + ".").toList());
    }
    throw first.orElseThrow(
        () -> new PalimpsestException(stamp.file() + " holds no tensors for a network."));
  }

  /** Numbers of those who average weights, which lie beside the network's own tensors. */
  private static List<String> counters(StateDict dict, TensorStock stock) {
    List<String> free = stock.leftOver();
    return dict.weights().tensors().stream()
        .filter(t -> COUNTERS.contains(t.name()) && t.values().length() == 1)
        .map(WeightTensor::name)
        .filter(free::contains)
        .toList();
  }

  /** What stands before the names of a network that fits as well and has other numbers. */
  private static Optional<String> another(StateDict dict, String wrapper) {
    Weights all = dict.weights();
    List<WeightTensor> own =
        all.tensors().stream()
            .filter(t -> t.name().startsWith(wrapper) && t.values().length() > 1)
            .toList();
    if (wrapper.isEmpty() || own.isEmpty()) {
      return Optional.empty();
    }
    String first = own.get(0).name().substring(wrapper.length());
    return all.tensors().stream()
        .map(WeightTensor::name)
        .filter(name -> name.endsWith("." + first) && !name.startsWith(wrapper))
        .map(name -> name.substring(0, name.length() - first.length()))
        .filter(before -> isAnother(all, own, wrapper, before))
        .findFirst();
  }

  private static boolean isAnother(
      Weights all, List<WeightTensor> own, String wrapper, String before) {
    boolean others = false;
    for (WeightTensor tensor : own) {
      Optional<INDArray> other =
          all.find(before + tensor.name().substring(wrapper.length()))
              .map(WeightTensor::values)
              .filter(values -> Arrays.equals(values.shape(), tensor.values().shape()));
      if (other.isEmpty()) {
        return false;
      }
      others |= other.get() != tensor.values();
    }
    return others;
  }

  private static void refuse(Path file, List<String> prefixes) {
    List<String> keys =
        prefixes.stream().map(prefix -> prefix.substring(0, prefix.length() - 1)).toList();
    throw new PalimpsestException(
        "%s holds several networks that fit: the names of their tensors begin with '%s'. Say which one: --key %s."
            .formatted(file, String.join("' and '", prefixes), String.join(" or --key ", keys)));
  }

  /** What may stand before the names: usual words, one after the other, or what all begin with. */
  private static List<String> wrappers(StateDict dict) {
    Set<String> found = new HashSet<>();
    Optional<List<String>> shared = Optional.empty();
    for (WeightTensor tensor : dict.weights().tensors()) {
      List<String> parts = List.of(tensor.name().split("\\.", -1));
      List<String> folders = parts.subList(0, Math.min(DEEPEST, parts.size() - 1));
      addEach(leading(folders, (place, folder) -> WRAPPERS.contains(folder)), found);
      List<String> before = shared.orElse(folders);
      shared =
          Optional.of(
              leading(
                  folders,
                  (place, folder) -> place < before.size() && before.get(place).equals(folder)));
    }
    shared.ifPresent(folders -> addEach(folders, found));
    List<String> shortestFirst = new ArrayList<>(found);
    shortestFirst.sort(Comparator.comparingInt(String::length).thenComparing(w -> w));
    shortestFirst.add(0, "");
    return shortestFirst;
  }

  private static List<String> leading(List<String> folders, BiPredicate<Integer, String> holds) {
    int count = 0;
    while (count < folders.size() && holds.test(count, folders.get(count))) {
      count++;
    }
    return folders.subList(0, count);
  }

  private static void addEach(List<String> folders, Set<String> found) {
    for (int depth = 1; depth <= folders.size(); depth++) {
      found.add(String.join(".", folders.subList(0, depth)) + ".");
    }
  }

  private static NetworkGraph build(
      Path file, StateDict dict, Blueprint network, String wrapper, List<String> notes) {
    TensorStock stock = stock(dict);
    GraphBuilder graph = NetworkGraph.builder(InputFiles.name(file));
    graph.samplesStandFirst();
    Scope root = Scope.root(graph, stock, wrapper);
    List<Extent> extents = new ArrayList<>(List.of(Extent.any(), Extent.of(network.inputs(root))));
    extents.addAll(Collections.nCopies(network.axes(), Extent.any()));
    Value images = graph.input(ElementType.FLOAT32, extents);
    network.build(root, images);
    List<String> counters = counters(dict, stock);
    counters.forEach(stock::setAside);
    List<String> outside = new ArrayList<>(counters);
    outside.addAll(stock.requireAllTaken(wrapper));
    List<String> all = new ArrayList<>(dict.provenance().notes());
    all.addAll(notes);
    if (!wrapper.isEmpty()) {
      all.add("the network's tensors are those whose names begin with '%s'".formatted(wrapper));
    }
    if (!outside.isEmpty()) {
      all.add("not of the network: " + String.join(", ", outside));
    }
    return graph.build(new Provenance(dict.provenance().origin(), dict.provenance().sha256(), all));
  }

  /**
   * The tensors of a state dict as those of a network that computes in float32: half precision is
   * widened and double precision narrowed, as PyTorch does when it loads them.
   *
   * @param dict whose arrays must stay as they are; tensors that share one stay one tensor
   */
  private static TensorStock stock(StateDict dict) {
    Map<INDArray, StoredTensor> known = new IdentityHashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (WeightTensor tensor : dict.weights().tensors()) {
      tensors.put(
          tensor.name(), known.computeIfAbsent(tensor.values(), v -> stored(tensor.name(), v)));
    }
    return TensorStock.of(dict.provenance().origin(), tensors);
  }

  private static StoredTensor stored(String name, INDArray values) {
    List<Long> shape = new ArrayList<>();
    Arrays.stream(values.shape()).forEach(shape::add);
    return StoredTensor.contiguous(new Floats(name, values), ElementType.FLOAT32, shape);
  }

  private record Floats(String name, INDArray values) implements Storage {

    @Override
    public long bytes() {
      return Float.BYTES * values.length();
    }

    @Override
    public InputStream open() {
      return new FloatStream(TensorReader.of(values), values.length());
    }
  }

  /** Numbers of an array as little-endian float32, some at a time. */
  private static final class FloatStream extends InputStream {

    private static final int BLOCK = 1 << 14;

    private final TensorReader reader;
    private final long length;
    private final ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private final float[] values = new float[BLOCK];
    private long next;

    private FloatStream(TensorReader reader, long length) {
      this.reader = reader;
      this.length = length;
      bytes.limit(0);
    }

    @Override
    public int read() throws IOException {
      return fill() ? bytes.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int start, int most) throws IOException {
      if (!fill()) {
        return -1;
      }
      int count = Math.min(most, bytes.remaining());
      bytes.get(target, start, count);
      return count;
    }

    private boolean fill() {
      if (!bytes.hasRemaining() && next < length) {
        int some = (int) Math.min(BLOCK, length - next);
        reader.read(next, values, some);
        bytes.clear().limit(Float.BYTES * some);
        bytes.asFloatBuffer().put(values, 0, some);
        next += some;
      }
      return bytes.hasRemaining();
    }
  }
}
