package org.palimpsest.io.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/** The calls of a functional network, each after those whose results it needs. */
final class FunctionalCalls {

  /**
   * A call.
   *
   * @param number which of its layer's, from 0
   */
  record Planned(Layer layer, int number, Layer.Node node) {}

  private final Architecture.Functional network;
  private final String source;
  private final Map<String, Long> offsets = new HashMap<>();

  private FunctionalCalls(Architecture.Functional network, String source) {
    this.network = network;
    this.source = source;
  }

  static FunctionalCalls of(Architecture.Functional network, String source) {
    FunctionalCalls calls = new FunctionalCalls(network, source);
    calls.findOffsets();
    return calls;
  }

  /**
   * Keras 2 counts the making of a network within another one as its first call. A file in which
   * the calls of such a network are counted from 1 shows it by a number that is too great.
   */
  private void findOffsets() {
    Map<String, Long> greatest = new HashMap<>();
    for (Layer layer : network.layers()) {
      for (Layer.Node node : layer.calls()) {
        references(node).forEach(r -> greatest.merge(r.layer(), r.call(), Math::max));
      }
    }
    network
        .outputs()
        .forEach(r -> greatest.merge(r.source().layer(), r.source().call(), Math::max));
    for (Layer layer : network.layers()) {
      boolean counted =
          layer.network().isPresent()
              && greatest.getOrDefault(layer.name(), 0L) == layer.calls().size();
      offsets.put(layer.name(), counted ? 1L : 0L);
    }
  }

  /** By which number others refer to a call. */
  long reference(Planned call) {
    return call.number() + offsets.getOrDefault(call.layer().name(), 0L);
  }

  private static List<Argued.Reference> references(Layer.Node node) {
    List<Argued.Reference> found = new ArrayList<>();
    node.arguments().forEach(argument -> addReferences(argument, found));
    node.named().values().forEach(argument -> addReferences(argument, found));
    return found;
  }

  private static void addReferences(Argued argument, List<Argued.Reference> found) {
    if (argument instanceof Argued.Reference reference) {
      found.add(reference);
    } else if (argument instanceof Argued.Items list) {
      list.items().forEach(item -> addReferences(item, found));
    }
  }

  /**
   * All calls in an order in which they can be made, those of one layer in theirs.
   *
   * @param given what is there from the beginning
   */
  List<Planned> inOrder(Set<Argued.Reference> given) {
    Set<String> inputs = new HashSet<>();
    given.forEach(reference -> inputs.add(reference.layer()));
    Set<Planned> waiting = new LinkedHashSet<>();
    for (Layer layer : network.layers()) {
      if (inputs.contains(layer.name())) {
        continue;
      }
      if (layer.isInput()) {
        throw new PalimpsestException(
            "%s: input '%s' is none of the inputs of network '%s'."
                .formatted(source, layer.name(), network.name()));
      }
      for (int i = 0; i < layer.calls().size(); i++) {
        waiting.add(new Planned(layer, i, layer.calls().get(i)));
      }
    }
    Set<String> done = new HashSet<>();
    given.forEach(reference -> done.add(key(reference.layer(), reference.call())));
    List<Planned> order = new ArrayList<>();
    while (!waiting.isEmpty()) {
      int before = waiting.size();
      waiting.removeIf(call -> isReady(call, done) && order.add(call) && done.add(key(call)));
      if (waiting.size() == before) {
        throw new PalimpsestException(
            "%s: layer '%s' is called with what no layer gives before it."
                .formatted(source, waiting.iterator().next().layer().name()));
      }
    }
    return order;
  }

  private boolean isReady(Planned call, Set<String> done) {
    boolean afterItsOwn =
        call.number() == 0 || done.contains(key(call.layer().name(), reference(call) - 1));
    return afterItsOwn
        && references(call.node()).stream().allMatch(r -> done.contains(key(r.layer(), r.call())));
  }

  private String key(Planned call) {
    return key(call.layer().name(), reference(call));
  }

  private static String key(String layer, long call) {
    return layer + "\n" + call;
  }
}
