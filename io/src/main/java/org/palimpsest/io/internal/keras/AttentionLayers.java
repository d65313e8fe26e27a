package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/** Attention: keras/src/layers/attention. */
final class AttentionLayers {

  static final List<Row> ROWS =
      List.of(
          Row.of("MultiHeadAttention")
              .takes("query value key")
              .reads(
                  "num_heads key_dim value_dim use_bias output_shape attention_axes use_gate"
                      + " sliding_window")
              .ignores(
                  "dropout seed query_shape key_shape value_shape flash_attention softmax_robust_masking")
              .means("linear, scaled_dot_product_attention, linear")
              .keeps(s -> headRoles(s))
              .differsInTraining()
              .gives(AttentionLayers::heads),
          Row.of("GroupQueryAttention GroupedQueryAttention")
              .takes("query value key")
              .reads(
                  "head_dim num_query_heads num_key_value_heads use_bias use_gate sliding_window")
              .ignores("dropout seed flash_attention")
              .means("as MultiHeadAttention, heads of keys and values repeated")
              .keeps(s -> headRoles(s))
              .differsInTraining()
              .gives(AttentionLayers::groups),
          Row.of("Attention")
              .reads("use_scale score_mode causal")
              .ignores("dropout seed")
              .means("matmul, softmax, matmul; score_mode concat: w * sum(tanh(scale * (q + k)))")
              .keeps(
                  s ->
                      Role.list(
                          s.truth("use_scale", false) ? "scale" : "",
                          s.text("score_mode", "dot").equals("concat")
                              ? "concat_score_weight"
                              : ""))
              .differsInTraining()
              .gives(AttentionLayers::plain),
          Row.of("AdditiveAttention")
              .reads("use_scale causal score_mode")
              .ignores("dropout seed")
              .means("sum(scale * tanh(q + k)), softmax, matmul")
              .keeps(s -> Role.list(s.truth("use_scale", true) ? "scale" : ""))
              .differsInTraining()
              .gives(AttentionLayers::additive));

  private AttentionLayers() {}

  private static List<Role> headRoles(KerasSettings settings) {
    List<Role> roles = new ArrayList<>();
    for (String part : List.of("query", "key", "value", "output")) {
      roles.add(new Role(part + "/kernel", part + "_dense", true));
      if (settings.truth("use_bias", true)) {
        roles.add(new Role(part + "/bias", part + "_dense", true));
      }
    }
    return roles;
  }

  /** The query, the value and the key, which are the one before where they are not given. */
  private static List<Tensor> queryValueKey(Call call) {
    List<Tensor> given = call.inputs();
    Tensor value = given.size() > 1 ? given.get(1) : given.get(0);
    return List.of(given.get(0), value, given.size() > 2 ? given.get(2) : value);
  }

  private static boolean isCausal(Call call, String name) {
    Argued value = call.take(name);
    if (value instanceof Argued.Constant constant && constant.value().asBoolean(false)) {
      return true;
    }
    if (!value.isNone() && !value.isFalse()) {
      throw call.refused("is called with %s=%s, which is not known here".formatted(name, value));
    }
    return false;
  }

  /**
   * The heads among which a tensor is divided.
   *
   * @param width the features of each
   * @param axes which axes are attended over
   */
  private record Heads(long count, long width, List<Integer> axes) {}

  private static Tensor heads(Call call) {
    KerasSettings settings = call.settings();
    settings.require("use_gate", false);
    settings.require("sliding_window");
    long heads = settings.count("num_heads");
    long width = settings.count("key_dim");
    long valueWidth = settings.has("value_dim") ? settings.count("value_dim") : width;
    List<Tensor> given = queryValueKey(call);
    Tensor query = given.get(0);
    Tensor value = given.get(1);
    Tensor key = given.get(2);
    boolean causal = isCausal(call, "use_causal_mask");
    if (call.inputs().size() > 3 || query.rank() < 3 || query.rank() != key.rank()) {
      throw call.refused("is called with tensors of other axes than are known here");
    }
    List<Integer> axes = attended(call, query.rank());
    Heads compared = new Heads(heads, width, axes);
    Heads summed = new Heads(heads, valueWidth, axes);
    Tensor q = projected(call, query, "query", compared);
    Tensor k = projected(call, key, "key", compared);
    Tensor v = projected(call, value, "value", summed);
    Ops ops = call.ops();
    Value attended =
        ops.call(
            "scaled_dot_product_attention", q.value(), k.value(), v.value(), null, 0.0, causal);
    List<Long> wanted =
        settings.has("output_shape")
            ? settings.integersOrOne("output_shape")
            : List.of(query.extent(query.rank() - 1));
    settings.passOver("output_shape");
    return output(call, query, attended, summed, wanted);
  }

  private static Tensor groups(Call call) {
    KerasSettings settings = call.settings();
    settings.require("use_gate", false);
    settings.require("sliding_window");
    long heads = settings.count("num_query_heads");
    long groups = settings.count("num_key_value_heads");
    long width = settings.count("head_dim");
    List<Tensor> given = queryValueKey(call);
    Tensor query = given.get(0);
    Tensor value = given.get(1);
    boolean causal = isCausal(call, "use_causal_mask");
    if (heads % groups != 0 || query.rank() != 3 || value.rank() != 3) {
      throw settings.wrong("num_key_value_heads", "a divisor of the heads, and sequences");
    }
    Heads all = new Heads(heads, width, List.of(1));
    Heads shared = new Heads(groups, width, List.of(1));
    Ops ops = call.ops();
    Value q = projected(call, query, "query", all).value();
    Value k = projected(call, given.get(2), "key", shared).value();
    Value v = projected(call, value, "value", shared).value();
    Value keys = ops.call("repeat_interleave", k, heads / groups, 1);
    Value values = ops.call("repeat_interleave", v, heads / groups, 1);
    Value attended = ops.call("scaled_dot_product_attention", q, keys, values, null, 0.0, causal);
    return output(call, query, attended, all, List.of(query.extent(2)));
  }

  private static List<Integer> attended(Call call, int rank) {
    if (call.settings().node("attention_axes").isNull()) {
      return IntStream.range(1, rank - 1).boxed().toList();
    }
    List<Integer> axes =
        call.settings().integersOrOne("attention_axes").stream()
            .map(axis -> call.axis("attention_axes", axis, rank))
            .sorted()
            .toList();
    if (axes.contains(0) || axes.contains(rank - 1) || axes.isEmpty()) {
      throw call.settings().wrong("attention_axes", "axes between the samples and the last");
    }
    return axes;
  }

  /** The axes in the order: those that are not attended, heads, those that are, features. */
  private static List<Integer> order(int rank, List<Integer> axes) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, rank - 1).boxed().toList());
    order.removeAll(axes);
    order.add(rank - 1);
    order.addAll(axes);
    order.add(rank);
    return order;
  }

  private static Tensor projected(Call call, Tensor x, String part, Heads heads) {
    Ops ops = call.ops();
    int last = x.rank() - 1;
    Array kernel =
        call.array(part + "/kernel", x.extent(last), heads.count(), heads.width())
            .merged(1)
            .permuted(List.of(1, 0));
    @Nullable Value bias =
        call.settings().truth("use_bias", true)
            ? call.parameter(
                part + ".bias", call.array(part + "/bias", heads.count(), heads.width()).merged(0))
            : null;
    Value flat = ops.call("linear", x.value(), call.parameter(part + ".weight", kernel), bias);
    List<Long> shape = new ArrayList<>(x.shape().subList(0, last));
    shape.add(heads.count());
    shape.add(heads.width());
    Value split = ops.call("unflatten", flat, last, List.of(heads.count(), heads.width()));
    Tensor ordered = ops.permuted(Tensor.of(split, shape), order(x.rank(), heads.axes()));
    int first = ordered.rank() - 1 - heads.axes().size();
    return heads.axes().size() == 1
        ? ordered
        : Tensor.of(
            ops.call("flatten", ordered.value(), first, ordered.rank() - 2),
            List.of(ordered.extent(0)));
  }

  private static Tensor output(
      Call call, Tensor query, Value attended, Heads heads, List<Long> wanted) {
    Ops ops = call.ops();
    List<Integer> order = order(query.rank(), heads.axes());
    int first = order.size() - 1 - heads.axes().size();
    List<Argument> sizes = heads.axes().stream().map(axis -> ops.size(query, axis)).toList();
    Value parted =
        heads.axes().size() == 1
            ? attended
            : ops.call("unflatten", attended, first, Ops.list(sizes));
    long[] back = IntStream.range(0, order.size()).mapToLong(axis -> order.indexOf(axis)).toArray();
    Value joined = ops.call("flatten", ops.call("permute", parted, back), query.rank() - 1, -1);
    int last = query.rank() - 1;
    if (wanted.size() != 1) {
      throw call.settings().wrong("output_shape", "one extent");
    }
    Array kernel =
        call.array("output/kernel", heads.count(), heads.width(), wanted.get(0))
            .merged(0)
            .permuted(List.of(1, 0));
    @Nullable Value bias =
        call.settings().truth("use_bias", true)
            ? call.parameter("output.bias", call.array("output/bias", wanted.get(0)))
            : null;
    Value result = ops.call("linear", joined, call.parameter("output.weight", kernel), bias);
    return Tensor.of(result, query.shapeWith(last, kernel.extent(0)));
  }

  private static List<Tensor> three(Call call) {
    List<Tensor> all = call.inputs();
    boolean sound =
        (all.size() == 2 || all.size() == 3) && all.stream().allMatch(x -> x.rank() == 3);
    if (!sound) {
      throw call.refused("is called with other tensors than two or three of 3 axes");
    }
    return List.of(all.get(0), all.get(1), all.size() == 3 ? all.get(2) : all.get(1));
  }

  private static Tensor weighted(Call call, Tensor query, Tensor value, Value scores) {
    Ops ops = call.ops();
    boolean causal = call.settings().truth("causal", false) | isCausal(call, "use_causal_mask");
    Value masked = scores;
    if (causal) {
      Value below = ops.call("tril", ops.call("ones_like", scores));
      masked = ops.call("masked_fill", scores, ops.call("eq", below, 0), Double.NEGATIVE_INFINITY);
    }
    Value shares = ops.call("softmax", masked, -1);
    return Tensor.of(
        ops.call("matmul", shares, value.value()), query.shapeWith(2, value.extent(2)));
  }

  private static Tensor plain(Call call) {
    boolean dot = call.settings().choice("score_mode", "dot", "dot", "concat").equals("dot");
    List<Tensor> all = three(call);
    Ops ops = call.ops();
    Value scores =
        dot
            ? ops.call(
                "matmul", all.get(0).value(), ops.call("transpose", all.get(2).value(), 1, 2))
            : sums(ops, all);
    if (call.settings().truth("use_scale", false)) {
      scores = ops.call("mul", scores, call.parameter("scale", call.array("scale")));
    }
    if (!dot) {
      Value weight = call.parameter("concat_score_weight", call.array("concat_score_weight"));
      Value summed = ops.call("sum", ops.call("tanh", scores), Argument.ints(-1), false);
      scores = ops.call("mul", summed, weight);
    }
    return weighted(call, all.get(0), all.get(1), scores);
  }

  /** Each query and each key together. */
  private static Value sums(Ops ops, List<Tensor> all) {
    Value queries = ops.call("unsqueeze", all.get(0).value(), 2);
    Value keys = ops.call("unsqueeze", all.get(2).value(), 1);
    return ops.call("add", queries, keys);
  }

  private static Tensor additive(Call call) {
    call.settings().require("score_mode", "dot", "concat");
    List<Tensor> all = three(call);
    Ops ops = call.ops();
    Value sum = ops.call("tanh", sums(ops, all));
    if (call.settings().truth("use_scale", true)) {
      Array scale = call.array("scale", all.get(0).extent(2));
      sum = ops.call("mul", sum, call.parameter("scale", scale));
    }
    Value scores = ops.call("sum", sum, Argument.ints(-1), false);
    return weighted(call, all.get(0), all.get(1), scores);
  }
}
