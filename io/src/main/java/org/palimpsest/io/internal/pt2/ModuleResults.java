package org.palimpsest.io.internal.pt2;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the modules of a program give, as far as it tells.
 *
 * <p>A call of a module ends with its last node; what it gives is what something outside of it
 * uses. Where that are values of several operators, or none, the file does not tell what the module
 * returned: it may have handed something to others on another way, or have returned what it was
 * given. One of several results of an operator goes by the module's path alone only if the others
 * are by-products that modules do not return.
 */
final class ModuleResults {

  /**
   * One result of a module.
   *
   * @param layer what its layer is called
   * @param value the name of the value
   */
  record Result(String layer, String value) {}

  private static final String OF_PYTORCH = "torch.nn.modules.";

  /** Operators whose results beyond the first are for the backward pass, or indices. */
  private static final Set<String> WITH_BY_PRODUCTS =
      Set.of(
          "native_batch_norm",
          "cudnn_batch_norm",
          "miopen_batch_norm",
          "_batch_norm_impl_index",
          "_native_batch_norm_legit",
          "_native_batch_norm_legit_functional",
          "_native_batch_norm_legit_no_training",
          "_batch_norm_with_update",
          "_batch_norm_with_update_functional",
          "_batch_norm_no_update",
          "native_layer_norm",
          "native_group_norm",
          "_fused_rms_norm",
          "native_dropout",
          "max_pool1d_with_indices",
          "max_pool2d_with_indices",
          "max_pool3d_with_indices",
          "adaptive_max_pool1d",
          "adaptive_max_pool2d",
          "adaptive_max_pool3d",
          "fractional_max_pool2d",
          "fractional_max_pool3d");

  /** Where the results of these operators are in what PyTorch's modules return. */
  private static final Map<String, List<String>> PLACES =
      Map.of(
          "LSTM lstm", List.of("[0]", "[1][0]", "[1][1]"),
          "GRU gru", List.of("[0]", "[1]"),
          "RNN rnn_tanh", List.of("[0]", "[1]"),
          "RNN rnn_relu", List.of("[0]", "[1]"),
          "MultiheadAttention _native_multi_head_attention", List.of("[0]", "[1]"));

  /** Classes of PyTorch that return several tensors, and the operators that make them. */
  private static final Map<String, Map<String, String>> OF_SEVERAL =
      Map.of(
          "LSTM", Map.of(),
          "GRU", Map.of(),
          "RNN", Map.of(),
          "LSTMCell", Map.of(),
          "AdaptiveLogSoftmaxWithLoss", Map.of(),
          "MultiheadAttention",
              Map.of(
                  "linear", "[0]",
                  "addmm", "[0]",
                  "mean", "[1]",
                  "softmax", "[1]",
                  "_softmax", "[1]"));

  /** Operators that leave the numbers as they are. */
  private static final Set<String> LAYOUT =
      Set.of("view", "_unsafe_view", "reshape", "transpose", "permute", "squeeze", "contiguous");

  private static final int MOST_STEPS = 10;

  private final List<Nodes.Node> nodes;
  private final ModuleStacks stacks;
  private final Set<String> outputs;
  private final boolean keysTellCalls;
  private final Map<String, List<Integer>> users = new HashMap<>();
  private final Map<String, Nodes.Node> makers = new HashMap<>();
  private final Map<Integer, List<Result>> after = new HashMap<>();
  private final List<String> unknown = new ArrayList<>();

  private ModuleResults(
      List<Nodes.Node> nodes, ModuleStacks stacks, Set<String> outputs, boolean keysTellCalls) {
    this.nodes = nodes;
    this.stacks = stacks;
    this.keysTellCalls = keysTellCalls;
    this.outputs = Set.copyOf(outputs);
  }

  /**
   * @param outputs the results of the network
   * @param keysTellCalls see {@link ModuleStacks.Calls}
   */
  static ModuleResults of(
      List<Nodes.Node> nodes, ModuleStacks stacks, Set<String> outputs, boolean keysTellCalls) {
    ModuleResults results = new ModuleResults(nodes, stacks, outputs, keysTellCalls);
    ModuleStacks.Calls calls = new ModuleStacks.Calls(keysTellCalls);
    for (int i = 0; i < nodes.size(); i++) {
      Nodes.Node node = nodes.get(i);
      for (String name : node.taken()) {
        results.users.computeIfAbsent(name, n -> new ArrayList<>()).add(i);
      }
      node.tensors().forEach(tensor -> results.makers.put(tensor, node));
      if (!node.tensors().isEmpty()) {
        calls.add(i, stacks.entries(node.stack()));
      }
    }
    List<Map.Entry<ModuleStacks.Calls.Call, List<Integer>>> inside =
        new ArrayList<>(calls.nodes().entrySet());
    Collections.reverse(inside);
    inside.forEach(call -> results.add(call.getKey(), call.getValue()));
    Collections.reverse(results.unknown);
    return results;
  }

  /** The results of calls that end with this node, those of inner modules first. */
  List<Result> after(int node) {
    return after.getOrDefault(node, List.of());
  }

  /** The layers whose results the program does not tell, in the order in which they begin. */
  List<String> unknown() {
    return unknown;
  }

  private void add(ModuleStacks.Calls.Call call, List<Integer> own) {
    Set<Integer> inside = new HashSet<>(own);
    List<Nodes.Node> giving =
        own.stream()
            .map(nodes::get)
            .filter(node -> node.tensors().stream().anyMatch(value -> leaves(value, inside)))
            .toList();
    if (giving.size() != 1 || !keysTellCalls && maySpanSeveral(own)) {
      unknown.add(call.name());
      return;
    }
    Nodes.Node node = giving.get(0);
    List<String> given = node.tensors().stream().filter(value -> leaves(value, inside)).toList();
    int last = own.get(own.size() - 1);
    List<Result> results = after.computeIfAbsent(last, n -> new ArrayList<>());
    for (String value : given) {
      results.add(new Result(call.name() + place(call, node, value, given.size()), value));
    }
  }

  /**
   * Whether the nodes of a call do the same again and again, so that they may be those of several
   * calls in a row where keys do not tell calls.
   */
  private boolean maySpanSeveral(List<Integer> own) {
    int count = own.size();
    for (int period = 1; period <= count / 2; period++) {
      if (count % period == 0 && repeats(own, period)) {
        return true;
      }
    }
    return false;
  }

  private boolean repeats(List<Integer> own, int period) {
    for (int i = period; i < own.size(); i++) {
      Nodes.Node node = nodes.get(own.get(i));
      Nodes.Node before = nodes.get(own.get(i - period));
      if (!node.target().equals(before.target()) || !node.stack().equals(before.stack())) {
        return false;
      }
    }
    return true;
  }

  private boolean leaves(String value, Set<Integer> inside) {
    return outputs.contains(value) || !inside.containsAll(users.getOrDefault(value, List.of()));
  }

  /** What follows the path of a module: which of its results a value is, nothing of one. */
  private String place(ModuleStacks.Calls.Call call, Nodes.Node node, String value, int given) {
    int at = node.results().indexOf(value);
    boolean several = node.givesList() || node.results().size() > 1;
    String type = call.type();
    boolean ofPytorch = type.startsWith(OF_PYTORCH);
    String module = ofPytorch ? type.substring(type.lastIndexOf('.') + 1) : "";
    List<String> places = PLACES.get(module + " " + node.operator());
    if (places != null && at < places.size() && isDirectlyIn(call, node)) {
      return places.get(at);
    }
    Map<String, String> known = OF_SEVERAL.get(module);
    if (known != null) {
      String own = "/" + node.operator() + (several ? "[" + at + "]" : "");
      return known.getOrDefault(withoutLayout(node).operator(), own);
    }
    boolean hasByProducts = WITH_BY_PRODUCTS.contains(node.operator());
    if (hasByProducts && given > 1 && ofPytorch) {
      return "[" + at + "]";
    }
    if (!several || hasByProducts && at == 0 && given == 1) {
      return "";
    }
    return "/%s[%s]".formatted(node.operator(), at);
  }

  private boolean isDirectlyIn(ModuleStacks.Calls.Call call, Nodes.Node node) {
    return stacks
        .innermost(node.stack())
        .filter(entry -> entry.path().equals(call.path()))
        .isPresent();
  }

  /** The operator whose numbers a node gives in another shape. */
  private Nodes.Node withoutLayout(Nodes.Node node) {
    Nodes.Node maker = node;
    for (int step = 0; step < MOST_STEPS && LAYOUT.contains(maker.operator()); step++) {
      Set<String> taken = maker.taken();
      maker = taken.size() == 1 ? makers.getOrDefault(taken.iterator().next(), maker) : maker;
    }
    return maker;
  }
}
