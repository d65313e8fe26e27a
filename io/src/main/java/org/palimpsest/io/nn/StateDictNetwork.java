package org.palimpsest.io.nn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.io.binary.ElementType;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.UnchangedFile;
import org.palimpsest.io.graph.Extent;
import org.palimpsest.io.graph.GraphBuilder;
import org.palimpsest.io.graph.NetworkGraph;
import org.palimpsest.io.graph.OpenGraph;
import org.palimpsest.io.graph.TensorStock;
import org.palimpsest.io.graph.Value;
import org.palimpsest.io.weights.StateDict;

/** A network that is known, with the weights of a state dict. */
public final class StateDictNetwork {

  private static final List<String> WRAPPERS = List.of("model", "net", "network", "module");
  private static final int DEEPEST = 4;

  private StateDictNetwork() {}

  /**
   * Puts both together. What wraps the names of the network's tensors is found by trying: with none
   * first, and the first that fits counts.
   *
   * @param stamp of the file as it was before anything of it was read
   * @param notes for the provenance
   * @throws PalimpsestException if a tensor is missing, has another shape, or is left over
   */
  public static OpenGraph open(
      UnchangedFile stamp, StateDict dict, Blueprint network, List<String> notes) {
    Optional<PalimpsestException> first = Optional.empty();
    for (String wrapper : wrappers(dict)) {
      try {
        NetworkGraph graph = build(stamp.file(), dict, network, wrapper, notes);
        return new OpenGraph(graph, stamp::require);
      } catch (PalimpsestException doesNotFit) {
        first = Optional.of(first.orElse(doesNotFit));
      }
    }
    throw first.orElseThrow(
        () -> new PalimpsestException(stamp.file() + " holds no tensors for a network."));
  }

  /** What may stand before the names: usual words, one after the other, or what all begin with. */
  private static List<String> wrappers(StateDict dict) {
    List<String> shared = new ArrayList<>();
    Set<String> found = new HashSet<>();
    boolean any = false;
    for (WeightTensor tensor : dict.weights().tensors()) {
      List<String> parts = List.of(tensor.name().split("\\.", -1));
      List<String> folders = parts.subList(0, Math.min(DEEPEST, parts.size() - 1));
      for (int i = 0; i < folders.size() && WRAPPERS.contains(folders.get(i)); i++) {
        found.add(wrapper(folders.subList(0, i + 1)));
      }
      if (any) {
        shared = shared.subList(0, agreeing(shared, folders));
      } else {
        shared = folders;
      }
      any = true;
    }
    for (int i = 1; i <= shared.size(); i++) {
      found.add(wrapper(shared.subList(0, i)));
    }
    List<String> shortestFirst = new ArrayList<>(found);
    shortestFirst.sort(Comparator.comparingInt(String::length).thenComparing(w -> w));
    shortestFirst.add(0, "");
    return shortestFirst;
  }

  private static int agreeing(List<String> some, List<String> others) {
    int same = 0;
    while (same < Math.min(some.size(), others.size()) && some.get(same).equals(others.get(same))) {
      same++;
    }
    return same;
  }

  private static String wrapper(List<String> folders) {
    return String.join(".", folders) + ".";
  }

  private static NetworkGraph build(
      Path file, StateDict dict, Blueprint network, String wrapper, List<String> notes) {
    TensorStock stock = StateDictStock.of(dict);
    GraphBuilder graph = NetworkGraph.builder(InputFiles.name(file));
    graph.samplesStandFirst();
    Scope root = Scope.root(graph, stock, wrapper);
    List<Extent> extents = new ArrayList<>(List.of(Extent.any(), Extent.of(network.inputs(root))));
    extents.addAll(Collections.nCopies(network.axes(), Extent.any()));
    Value images = graph.input(ElementType.FLOAT32, extents);
    network.build(root, images);
    List<String> outside = stock.requireAllTaken(wrapper);
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
}
