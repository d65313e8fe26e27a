package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;

/** One call of a layer: what a row of the table builds from. */
final class Call {

  private final KerasLayer layer;
  private final KnownLayers table;
  private final Ops ops;
  private final KerasSettings settings;
  private final Bound arrays;
  private final List<Tensor> inputs;
  private final Map<String, Argued> named;
  private final String path;

  Call(
      KerasLayer layer,
      KnownLayers table,
      Ops ops,
      KerasSettings settings,
      Bound arrays,
      List<Tensor> inputs,
      Map<String, Argued> named,
      String path) {
    this.layer = layer;
    this.table = table;
    this.ops = ops;
    this.settings = settings;
    this.arrays = arrays;
    this.inputs = List.copyOf(inputs);
    this.named = new HashMap<>(named);
    this.path = path;
  }

  KerasLayer layer() {
    return layer;
  }

  Ops ops() {
    return ops;
  }

  Dialect dialect() {
    return table.dialect();
  }

  KerasSettings settings() {
    return settings;
  }

  /** What the layer is called under: its name with those of the networks around it. */
  String path() {
    return path;
  }

  List<Tensor> inputs() {
    return inputs;
  }

  /** The one tensor that the layer is called with. */
  Tensor input() {
    if (inputs.size() != 1) {
      throw refused("is called with %s tensors, not with one".formatted(inputs.size()));
    }
    return inputs.get(0);
  }

  /** The one tensor, which must have so many axes. */
  Tensor input(int rank) {
    Tensor x = input();
    if (x.rank() != rank) {
      throw refused("is called with a tensor of %s axes, not of %s".formatted(x.rank(), rank));
    }
    return x;
  }

  /** Takes what the layer is called with by name, if anything. */
  Argued take(String name) {
    Argued argument = named.remove(name);
    return argument == null ? Argued.none() : argument;
  }

  void requireAllTaken() {
    settings.requireAllAsked();
    // In Keras 3 the network's own mode replaces what its layers were called with.
    if (!table.row(layer).trainedOtherwise() || dialect().major() == 3) {
      named.remove("training");
    }
    named.forEach(
        (name, argument) -> {
          if (!argument.isNone() && !argument.isFalse()) {
            throw refused(
                "is called with %s=%s, which is not known here".formatted(name, argument));
          }
        });
  }

  boolean hasArray(String role) {
    return arrays.has(role);
  }

  /** One of its arrays as it is stored. */
  Array array(String role) {
    return arrays.get(role, settings.owner());
  }

  /** Puts what is made of one of its arrays in its place. */
  void replace(String role, UnaryOperator<Array> change) {
    arrays.replace(role, settings.owner(), change);
  }

  /** Takes all arrays whose roles begin so, of which nothing is needed. */
  void takeAll(String roles) {
    arrays.takeAll(roles);
  }

  /** One of its arrays, which must have a shape; extents of -1 may be any. */
  Array array(String role, long... shape) {
    Array array = array(role);
    boolean fits = array.rank() == shape.length;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = shape[i] == Tensor.UNKNOWN || shape[i] == array.extent(i);
    }
    if (!fits) {
      List<String> expected = new ArrayList<>();
      for (long extent : shape) {
        expected.add(extent == Tensor.UNKNOWN ? "any" : String.valueOf(extent));
      }
      throw new PalimpsestException(
          "%s has a %s of the shape %s in the file, where its settings and input need %s. Is it the file of this architecture?"
              .formatted(settings.owner(), role, array.shape(), expected));
    }
    return array;
  }

  /** A tensor of the network that is trained. */
  Value parameter(String name, Array array) {
    return ops.graph().parameter(List.of(path, name), array.stored());
  }

  /** A tensor of the network that is not trained. */
  Value buffer(String name, Array array) {
    return ops.graph().buffer(List.of(path, name), array.stored());
  }

  /** Numbers of the configuration as a tensor. */
  Value constant(String name, List<Long> shape, double... values) {
    return ops.graph()
        .buffer(
            List.of(path, name),
            arrays.made(
                name,
                () -> {
                  float[] numbers = new float[values.length];
                  for (int i = 0; i < values.length; i++) {
                    numbers[i] = (float) values[i];
                  }
                  return StoredTensor.ofFloats(path + "." + name, shape, numbers);
                }));
  }

  /** What is made of an array once, however often the layer is called. */
  Array made(String name, Array array, UnaryOperator<Array> change) {
    return new Array(arrays.made(name, () -> change.apply(array).stored()));
  }

  /** What is done with the result, in the setting {@code activation}. */
  Tensor activated(Tensor x) {
    return KerasActivations.apply(this, settings.node("activation"), x);
  }

  /** Whether channels are the last axis. */
  boolean channelsLast() {
    JsonNode format = settings.node("data_format");
    if (format.isNull()) { // some layers of Keras 1 do not keep it, those of one axis have none
      return dialect().major() > 1
          || !dialect().channelsFirst()
          || layer.className().endsWith("1D");
    }
    return settings
        .choice("data_format", "channels_last", "channels_last", "channels_first")
        .equals("channels_last");
  }

  /**
   * An axis counted from the first, the samples' being 0.
   *
   * @throws PalimpsestException if there is no such axis
   */
  int axis(String setting, long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    if (counted < 0 || counted >= rank) {
      throw refused("has no axis %s ('%s') in a tensor of %s axes".formatted(axis, setting, rank));
    }
    return (int) counted;
  }

  /** An error that names the layer. */
  PalimpsestException refused(String why) {
    return new PalimpsestException("%s %s.".formatted(settings.owner(), why));
  }

  /**
   * What a layer within this one gives.
   *
   * @param prefix what the names of its arrays begin with among those of this layer
   */
  List<Tensor> within(
      KerasLayer inner, String prefix, List<Tensor> given, Map<String, Argued> more) {
    Row row = table.row(inner);
    KerasSettings own = table.settings(inner, row);
    Call call =
        new Call(
            inner, table, ops, own, arrays.within(prefix), given, more, path + "/" + inner.name());
    List<Tensor> results = row.build().apply(call);
    call.requireAllTaken();
    return results;
  }
}
