package org.palimpsest.io.internal.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.binary.ElementType;

/** What an operator is called with. */
public sealed interface Argument
    permits Value,
        Argument.Int,
        Argument.Real,
        Argument.Bool,
        Argument.Text,
        Argument.None,
        Argument.Dtype,
        Argument.MemoryFormat,
        Argument.Cpu,
        Argument.Strided,
        Argument.Items {

  /** A whole number. */
  record Int(long value) implements Argument {}

  /** A number with a fraction, infinite or not a number. */
  record Real(double value) implements Argument {}

  record Bool(boolean value) implements Argument {}

  record Text(String value) implements Argument {}

  /** The absence of an optional argument. */
  record None() implements Argument {}

  /** A type of elements. */
  record Dtype(ElementType type) implements Argument {}

  /** How a tensor lies in memory. */
  enum MemoryFormat implements Argument {
    CONTIGUOUS,
    PRESERVE,
    CHANNELS_LAST,
    CHANNELS_LAST_3D
  }

  /** The place where tensors are; networks run on the CPU wherever they were saved. */
  record Cpu() implements Argument {}

  /** Tensors that lie whole in memory, as opposed to sparse ones. */
  record Strided() implements Argument {}

  /** What the elements of a list are, which an empty list does not show. */
  enum Element {
    INT,
    REAL,
    BOOL,
    TEXT,
    TENSOR,
    OPTIONAL_TENSOR
  }

  /**
   * A list.
   *
   * @param items of this kind, or values that are
   */
  record Items(Element element, List<Argument> items) implements Argument {
    public Items {
      items = List.copyOf(items);
    }
  }

  static Argument none() {
    return new None();
  }

  /** A list of whole numbers, such as a kernel's size. */
  static Argument ints(long... values) {
    return new Items(Element.INT, Arrays.stream(values).<Argument>mapToObj(Int::new).toList());
  }

  /** A list of numbers with a fraction, such as the factors of an upsampling. */
  static Argument reals(double... values) {
    return new Items(Element.REAL, Arrays.stream(values).<Argument>mapToObj(Real::new).toList());
  }

  /** A list of tensors. */
  static Argument tensors(List<Value> values) {
    return new Items(Element.TENSOR, List.<Argument>copyOf(values));
  }

  /** A list of tensors. */
  static Argument tensors(Value... values) {
    return tensors(List.of(values));
  }

  /**
   * The argument for a value of Java: null, an argument, a number, a truth value, a text, an {@link
   * ElementType}, an {@code int[]}, {@code long[]}, {@code double[]}, or a list of these that is
   * not empty.
   */
  static Argument of(@Nullable Object value) {
    if (value == null) {
      return new None();
    } else if (value instanceof Argument argument) {
      return argument;
    } else if (value instanceof Integer || value instanceof Long) {
      return new Int(((Number) value).longValue());
    } else if (value instanceof Double || value instanceof Float) {
      return new Real(((Number) value).doubleValue());
    } else if (value instanceof Boolean truth) {
      return new Bool(truth);
    } else if (value instanceof String text) {
      return new Text(text);
    } else if (value instanceof ElementType type) {
      return new Dtype(type);
    } else if (value instanceof int[] numbers) {
      return ints(Arrays.stream(numbers).asLongStream().toArray());
    } else if (value instanceof long[] numbers) {
      return ints(numbers);
    } else if (value instanceof double[] numbers) {
      return reals(numbers);
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      return items(list);
    }
    throw new IllegalArgumentException("no argument of an operator: " + value);
  }

  private static Argument items(List<?> list) {
    List<Argument> items = new ArrayList<>();
    for (Object item : list) {
      items.add(of(item));
    }
    Argument first = items.get(0);
    Element element = Element.TENSOR;
    if (items.stream().anyMatch(None.class::isInstance)) {
      element = Element.OPTIONAL_TENSOR;
    } else if (first instanceof Int) {
      element = Element.INT;
    } else if (first instanceof Real) {
      element = Element.REAL;
    } else if (first instanceof Bool) {
      element = Element.BOOL;
    } else if (first instanceof Text) {
      element = Element.TEXT;
    }
    return new Items(element, items);
  }
}
