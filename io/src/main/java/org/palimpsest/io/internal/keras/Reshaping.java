package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Argument;

/** Layers that change shapes alone: keras/src/layers/reshaping. */
final class Reshaping {

  static final List<Row> ROWS =
      List.of(
          Row.of("Flatten")
              .reads("data_format")
              .means("flatten; with channels first these are moved behind before")
              .gives(Reshaping::flattened),
          Row.of("Reshape")
              .reads("target_shape")
              .means("reshape behind the samples")
              .gives(Reshaping::reshaped),
          Row.of("Permute")
              .reads("dims")
              .means("permute; axes are counted from 1")
              .gives(Reshaping::permuted),
          Row.of("RepeatVector").reads("n").means("unsqueeze, expand").gives(Reshaping::repeated));

  private Reshaping() {}

  private static Tensor flattened(Call call) {
    Tensor x = call.input();
    boolean last = call.channelsLast();
    if (call.dialect().major() == 1) {
      last = true;
    }
    Ops ops = call.ops();
    Tensor y = last || x.rank() < 3 ? x : ops.moved(x, 1, x.rank() - 1);
    if (y.rank() < 3) {
      return y.rank() == 2 ? y : ops.unsqueezed(y, 1);
    }
    long size = y.shape().stream().skip(1).reduce(1L, (a, b) -> a < 0 || b < 0 ? -1 : a * b);
    return new Tensor(ops.call("flatten", y.value(), 1, -1), List.of(y.extent(0), size), false);
  }

  private static Tensor reshaped(Call call) {
    List<Long> target = call.settings().integers("target_shape");
    boolean sound = target.stream().allMatch(extent -> extent > 0 || extent == -1);
    if (!sound || target.stream().filter(extent -> extent == -1).count() > 1) {
      throw call.settings().wrong("target_shape", "extents, one of them perhaps -1,");
    }
    return call.ops().reshaped(call.input(), target);
  }

  private static Tensor permuted(Call call) {
    Tensor x = call.input();
    List<Long> dims = call.settings().integers("dims");
    List<Integer> order = new ArrayList<>(List.of(0));
    dims.forEach(axis -> order.add(Math.toIntExact(axis)));
    for (int i = 0; i < x.rank(); i++) {
      if (order.size() != x.rank() || !order.contains(i)) {
        throw call.settings().wrong("dims", "the axes 1 to %d".formatted(x.rank() - 1));
      }
    }
    return call.ops().permuted(x, order);
  }

  private static Tensor repeated(Call call) {
    Tensor x = call.ops().unsqueezed(call.input(2), 1);
    long count = call.settings().count("n");
    Argument sizes = Argument.ints(-1, count, -1);
    return Tensor.of(call.ops().call("expand", x.value(), sizes), x.shapeWith(1, count));
  }
}
