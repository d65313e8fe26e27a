package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/** A network of layers as its configuration describes it. */
sealed interface Architecture {

  String name();

  List<KerasLayer> layers();

  /**
   * Layers one after the other.
   *
   * @param name empty if the file gives none
   * @param inputShape what it was built with, if the file tells; the samples first
   */
  record Sequential(String name, List<KerasLayer> layers, List<Long> inputShape)
      implements Architecture {
    public Sequential {
      layers = List.copyOf(layers);
      inputShape = List.copyOf(inputShape);
    }
  }

  /**
   * Layers whose calls name where their tensors come from.
   *
   * @param inputs the input layers in their order
   * @param outputs its results in their order
   */
  record Functional(
      String name, List<KerasLayer> layers, List<Argued.Reference> inputs, List<Result> outputs)
      implements Architecture {
    public Functional {
      layers = List.copyOf(layers);
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * A result of a functional network.
   *
   * @param label what it is called, or its place
   */
  record Result(String label, Argued.Reference source) {}

  /** The calls of a functional network, each after those whose results it needs. */
  static final class Calls {

    /**
     * A call.
     *
     * @param number which of its layer's, from 0
     */
    record Planned(KerasLayer layer, int number, KerasLayer.Node node) {}

    private final Functional network;
    private final String source;

    /**
     * From which number the calls of a layer are counted.
     *
     * @param inside where other layers refer to them
     * @param outside where the results of the network do
     */
    private record Offsets(long inside, long outside) {}

    private static final List<Offsets> USUAL =
        List.of(new Offsets(0, 0), new Offsets(1, 1), new Offsets(0, 1), new Offsets(1, 0));
    private static final List<Offsets> OF_KERAS_THREE =
        List.of(new Offsets(0, 1), new Offsets(1, 1), new Offsets(0, 0), new Offsets(1, 0));

    private final Map<String, Offsets> offsets = new HashMap<>();

    private Calls(Functional network, String source) {
      this.network = network;
      this.source = source;
    }

    static Calls of(Functional network, String source, Dialect dialect) {
      Calls calls = new Calls(network, source);
      calls.findOffsets(dialect);
      return calls;
    }

    /**
     * Keras 2 counts the making of a network within another one as its first call, Keras 3 does so
     * in some places and versions. Every call that is in a file is used, which shows how it counts.
     */
    private void findOffsets(Dialect dialect) {
      Map<String, Set<Long>> inside = new HashMap<>();
      Map<String, Set<Long>> outside = new HashMap<>();
      for (KerasLayer layer : network.layers()) {
        for (KerasLayer.Node node : layer.calls()) {
          references(node)
              .forEach(r -> inside.computeIfAbsent(r.layer(), l -> new HashSet<>()).add(r.call()));
        }
      }
      for (Result result : network.outputs()) {
        Argued.Reference r = result.source();
        outside.computeIfAbsent(r.layer(), l -> new HashSet<>()).add(r.call());
      }
      for (KerasLayer layer : network.layers()) {
        if (layer.network().isPresent()) {
          boolean functional = layer.network().get() instanceof Functional;
          List<Offsets> order = dialect.major() == 3 && functional ? OF_KERAS_THREE : USUAL;
          Set<Long> in = inside.getOrDefault(layer.name(), Set.of());
          Set<Long> out = outside.getOrDefault(layer.name(), Set.of());
          order.stream()
              .filter(o -> usesAll(layer.calls().size(), in, out, o))
              .findFirst()
              .ifPresent(o -> offsets.put(layer.name(), o));
        }
      }
    }

    private static boolean usesAll(int calls, Set<Long> inside, Set<Long> outside, Offsets from) {
      Set<Long> used = new HashSet<>();
      inside.forEach(call -> used.add(call - from.inside()));
      outside.forEach(call -> used.add(call - from.outside()));
      return used.size() == calls && used.stream().allMatch(call -> call >= 0 && call < calls);
    }

    /** A reference with its call counted from 0. */
    Argued.Reference counted(Argued.Reference reference, boolean outside) {
      Offsets from = offsets.getOrDefault(reference.layer(), USUAL.get(0));
      long first = outside ? from.outside() : from.inside();
      return new Argued.Reference(reference.layer(), reference.call() - first, reference.result());
    }

    private static List<Argued.Reference> references(KerasLayer.Node node) {
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
      for (KerasLayer layer : network.layers()) {
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
          call.number() == 0 || done.contains(key(call.layer().name(), call.number() - 1));
      return afterItsOwn
          && references(call.node()).stream()
              .map(reference -> counted(reference, false))
              .allMatch(r -> done.contains(key(r.layer(), r.call())));
    }

    private String key(Planned call) {
      return key(call.layer().name(), call.number());
    }

    private static String key(String layer, long call) {
      return layer + "\n" + call;
    }
  }
}
