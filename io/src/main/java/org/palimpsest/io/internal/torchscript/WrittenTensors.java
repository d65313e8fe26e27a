package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;

/** Which of its file's tensors a run of a graph writes to. */
final class WrittenTensors {

  private static final Map<String, Integer> STATISTICS =
      Map.of("running_mean", 3, "running_var", 4);
  private static final Map<String, Integer> RANGES =
      Map.of("running_min", 3, "running_max", 4, "scale", 5, "zero_point", 6);
  private static final Map<String, Integer> EXTREMES = Map.of("values", 1, "indices", 2);

  /**
   * Operators whose names do not tell that they write to arguments, with the names and places of
   * these. They are those of PyTorch's schemas, and those whose schemas leave it out.
   */
  private static final Map<String, Map<String, Integer>> WRITERS =
      Map.ofEntries(
          Map.entry("batch_norm", STATISTICS),
          Map.entry("instance_norm", STATISTICS),
          Map.entry("native_batch_norm", STATISTICS),
          Map.entry("cudnn_batch_norm", STATISTICS),
          Map.entry("miopen_batch_norm", STATISTICS),
          Map.entry("_native_batch_norm_legit", STATISTICS),
          Map.entry("_batch_norm_with_update", STATISTICS),
          Map.entry("_batch_norm_impl_index", STATISTICS),
          Map.entry("batch_norm_gather_stats", STATISTICS),
          Map.entry("batch_norm_gather_stats_with_counts", STATISTICS),
          Map.entry("batch_norm_update_stats", Map.of("running_mean", 1, "running_var", 2)),
          Map.entry("fused_moving_avg_obs_fake_quant", RANGES),
          Map.entry("_fused_moving_avg_obs_fq_helper", RANGES),
          Map.entry("rrelu_with_noise", Map.of("noise", 1)),
          Map.entry("rrelu_with_noise_", Map.of("noise", 1)),
          Map.entry("_cummax_helper", EXTREMES),
          Map.entry("_cummin_helper", EXTREMES),
          Map.entry("set_data", Map.of("self", 0)));

  /** The arguments without which operators write nothing, with their places, by the schemas. */
  private static final Map<String, Map.Entry<String, Integer>> SWITCHES =
      Map.ofEntries(
          Map.entry("batch_norm", Map.entry("training", 5)),
          Map.entry("instance_norm", Map.entry("use_input_stats", 5)),
          Map.entry("native_batch_norm", Map.entry("training", 5)),
          Map.entry("cudnn_batch_norm", Map.entry("training", 5)),
          Map.entry("miopen_batch_norm", Map.entry("training", 5)),
          Map.entry("_native_batch_norm_legit", Map.entry("training", 5)),
          Map.entry("_batch_norm_impl_index", Map.entry("training", 5)),
          Map.entry("rrelu_with_noise", Map.entry("training", 4)),
          Map.entry("rrelu_with_noise_", Map.entry("training", 4)));

  private final Map<Value, NetworkGraph.Call> origins = new HashMap<>();
  private final Set<Value> written = new HashSet<>();

  private WrittenTensors(NetworkGraph graph) {
    for (NetworkGraph.Step step : graph.steps()) {
      if (step instanceof NetworkGraph.Call call) {
        call.results().forEach(result -> origins.put(result, call));
        writtenBy(call).forEach(this::trace);
      }
    }
  }

  /**
   * The tensors.
   *
   * @throws PalimpsestException if another tensor shows a part of one of them, and would have to
   *     change with it
   */
  static Set<StoredTensor> of(NetworkGraph graph) {
    Set<Value> written = new WrittenTensors(graph).written;
    Set<StoredTensor> found = new HashSet<>();
    for (NetworkGraph.Tensor tensor : graph.tensors()) {
      if (written.contains(tensor.value()) && found.add(tensor.stored())) {
        graph.tensors().forEach(other -> requireApart(tensor, other, graph));
      }
    }
    return found;
  }

  private static void requireApart(
      NetworkGraph.Tensor written, NetworkGraph.Tensor other, NetworkGraph graph) {
    StoredTensor stored = written.stored();
    if (!stored.equals(other.stored()) && stored.overlaps(other.stored())) {
      throw new PalimpsestException(
          "%s writes to its tensor '%s', which shares memory with '%s'; such networks are not run. Export it with tensors of their own (clone())."
              .formatted(
                  graph.provenance().origin(),
                  String.join(".", written.path()),
                  String.join(".", other.path())));
    }
  }

  private static List<Argument> writtenBy(NetworkGraph.Call call) {
    String operator = GraphCode.baseName(call.operator());
    List<Argument> written = new ArrayList<>();
    if (operator.endsWith("_") && !operator.endsWith("__") && !call.arguments().isEmpty()) {
      written.add(call.arguments().get(0).argument());
    }
    Map<String, Integer> places =
        isSwitchedOff(operator, call) ? Map.of() : WRITERS.getOrDefault(operator, Map.of());
    for (int i = 0; i < call.arguments().size(); i++) {
      NetworkGraph.NamedArgument argument = call.arguments().get(i);
      Optional<String> name = argument.name();
      boolean given = name.map(places::containsKey).orElse(places.containsValue(i));
      if (given || name.map("out"::equals).orElse(false)) {
        written.add(argument.argument());
      }
    }
    return written;
  }

  private static boolean isSwitchedOff(String operator, NetworkGraph.Call call) {
    Map.Entry<String, Integer> training = SWITCHES.get(operator);
    for (int i = 0; training != null && i < call.arguments().size(); i++) {
      NetworkGraph.NamedArgument argument = call.arguments().get(i);
      if (argument.name().map(training.getKey()::equals).orElse(i == training.getValue())) {
        return argument.argument().equals(new Argument.Bool(false));
      }
    }
    return false;
  }

  /** Follows views back to what they are views of: always the first argument of a call. */
  private void trace(Argument from) {
    Argument argument = from;
    while (argument instanceof Value value && written.add(value)) {
      NetworkGraph.Call origin = origins.get(value);
      if (origin == null || origin.arguments().isEmpty()) {
        return;
      }
      argument = origin.arguments().get(0).argument();
    }
    if (argument instanceof Argument.Items list) {
      list.items().forEach(this::trace);
    }
  }
}
