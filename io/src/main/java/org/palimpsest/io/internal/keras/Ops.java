package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.Value;

/**
 * Calls of PyTorch's operators on tensors whose axes lie as Keras has them. Sizes are numbers where
 * the file tells them, and are computed in each run where it does not.
 */
final class Ops {

  private final GraphBuilder graph;

  Ops(GraphBuilder graph) {
    this.graph = graph;
  }

  GraphBuilder graph() {
    return graph;
  }

  Value call(String operator, @Nullable Object... arguments) {
    return graph.call(operator, arguments);
  }

  /** A result of the same shape, which is not one of integers. */
  Tensor alike(Tensor like, String operator, @Nullable Object... arguments) {
    return Tensor.of(call(operator, arguments), like.shape());
  }

  /** An operator on each number of a tensor. */
  Tensor each(String operator, Tensor x, @Nullable Object... more) {
    @Nullable Object[] arguments = new Object[more.length + 1];
    arguments[0] = x.value();
    System.arraycopy(more, 0, arguments, 1, more.length);
    return alike(x, operator, arguments);
  }

  /** The extent of an axis: a number, or a value of each run. */
  Argument size(Tensor x, int axis) {
    return x.isKnown(axis) ? new Argument.Int(x.extent(axis)) : call("size", x.value(), axis);
  }

  static Argument number(long value) {
    return new Argument.Int(value);
  }

  Argument plus(Argument a, Argument b) {
    return a instanceof Argument.Int x && b instanceof Argument.Int y
        ? number(x.value() + y.value())
        : isZero(b) ? a : call("add", a, b);
  }

  private static boolean isZero(Argument number) {
    return number instanceof Argument.Int constant && constant.value() == 0;
  }

  Argument minus(Argument a, Argument b) {
    return a instanceof Argument.Int x && b instanceof Argument.Int y
        ? number(x.value() - y.value())
        : isZero(b) ? a : call("sub", a, b);
  }

  Argument times(Argument a, long factor) {
    return a instanceof Argument.Int x
        ? number(x.value() * factor)
        : factor == 1 ? a : call("mul", a, factor);
  }

  /** The quotient, rounded down. */
  Argument over(Argument a, long divisor) {
    return a instanceof Argument.Int x
        ? number(Math.floorDiv(x.value(), divisor))
        : divisor == 1 ? a : call("floordiv", a, divisor);
  }

  Argument atLeastZero(Argument a) {
    return a instanceof Argument.Int x ? number(Math.max(0, x.value())) : call("prim::max", a, 0);
  }

  /** A list of numbers, some of which are values of each run. */
  static Argument list(List<Argument> numbers) {
    return new Argument.Items(Argument.Element.INT, numbers);
  }

  static long known(Argument number) {
    return number instanceof Argument.Int constant ? constant.value() : Tensor.UNKNOWN;
  }

  Tensor permuted(Tensor x, List<Integer> order) {
    boolean same = IntStream.range(0, order.size()).allMatch(i -> order.get(i) == i);
    if (same) {
      return x;
    }
    Value value =
        call("permute", x.value(), order.stream().mapToLong(Integer::longValue).toArray());
    return new Tensor(value, order.stream().map(x.shape()::get).toList(), x.integers());
  }

  /** One axis at another place, the others in their order. */
  Tensor moved(Tensor x, int from, int to) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    order.add(to, order.remove(from));
    return permuted(x, order);
  }

  /**
   * To another shape of which all but the samples' extent is known, or one other that follows from
   * them.
   *
   * @param shape behind the samples; one of them may be -1
   */
  Tensor reshaped(Tensor x, List<Long> shape) {
    List<Argument> target = new ArrayList<>(List.of(size(x, 0)));
    shape.forEach(extent -> target.add(number(extent)));
    List<Long> all = new ArrayList<>(List.of(x.extent(0)));
    all.addAll(shape);
    long free = shape.stream().filter(extent -> extent < 0).count();
    boolean known = IntStream.range(1, x.rank()).allMatch(x::isKnown);
    if (free == 1 && known) {
      long elements = x.shape().stream().skip(1).reduce(1L, (a, b) -> a * b);
      long rest = shape.stream().filter(extent -> extent >= 0).reduce(1L, (a, b) -> a * b);
      all.set(
          1 + shape.indexOf(-1L),
          rest > 0 && elements % rest == 0 ? elements / rest : Tensor.UNKNOWN);
    }
    return new Tensor(call("reshape", x.value(), list(target)), all, x.integers());
  }

  /** Two or more tensors behind each other along an axis. */
  Tensor concatenated(List<Tensor> all, int axis) {
    List<Long> shape = new ArrayList<>(all.get(0).shape());
    for (int i = 0; i < shape.size(); i++) {
      long extent = shape.get(i);
      for (Tensor other : all.subList(1, all.size())) {
        long next = other.extent(i);
        if (i == axis) {
          extent = extent < 0 || next < 0 ? Tensor.UNKNOWN : extent + next;
        } else if (extent < 0) {
          extent = next;
        }
      }
      shape.set(i, extent);
    }
    Value value = call("cat", Argument.tensors(all.stream().map(Tensor::value).toList()), axis);
    return Tensor.of(value, shape);
  }

  /** A part of a tensor along an axis, both ends counted from its beginning. */
  Tensor part(Tensor x, int axis, Argument from, Argument to) {
    Value value = call("slice", x.value(), axis, from, to, 1);
    long first = known(from);
    long last = known(to);
    return new Tensor(
        value,
        x.shapeWith(axis, first < 0 || last < 0 ? Tensor.UNKNOWN : last - first),
        x.integers());
  }

  /** One place of an axis, which is gone then. */
  Tensor at(Tensor x, int axis, long place) {
    List<Long> shape = new ArrayList<>(x.shape());
    shape.remove(axis);
    return new Tensor(call("select", x.value(), axis, place), shape, x.integers());
  }

  /** With one axis more, of one element. */
  Tensor unsqueezed(Tensor x, int axis) {
    List<Long> shape = new ArrayList<>(x.shape());
    shape.add(axis, 1L);
    return new Tensor(call("unsqueeze", x.value(), axis), shape, x.integers());
  }

  /** The shape that two tensors have together when each is repeated along axes of one element. */
  static List<Long> broadcast(List<Long> a, List<Long> b) {
    List<Long> longer = a.size() >= b.size() ? a : b;
    List<Long> shorter = a.size() >= b.size() ? b : a;
    int more = longer.size() - shorter.size();
    List<Long> shape = new ArrayList<>(longer);
    for (int i = more; i < shape.size(); i++) {
      long x = longer.get(i);
      long y = shorter.get(i - more);
      shape.set(i, x == 1 ? y : y == 1 || x >= 0 ? x : y);
    }
    return shape;
  }

  /** An operator on two tensors, number by number. */
  Tensor pairwise(String operator, Tensor a, Tensor b) {
    return Tensor.of(call(operator, a.value(), b.value()), broadcast(a.shape(), b.shape()));
  }

  /** A reduction over axes, such as {@code mean}, {@code sum}, {@code amax}. */
  Tensor reduced(String operator, Tensor x, List<Integer> axes, boolean keep) {
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (!axes.contains(i)) {
        shape.add(x.extent(i));
      } else if (keep) {
        shape.add(1L);
      }
    }
    long[] dims = axes.stream().mapToLong(Integer::longValue).toArray();
    return Tensor.of(call(operator, x.value(), dims, keep), shape);
  }
}
