package org.palimpsest.io.internal.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.capture.RunNames;

/**
 * Builds a {@link NetworkGraph}.
 *
 * <pre>{@code
 * GraphBuilder graph = NetworkGraph.builder("model.pth");
 * Value x = graph.input(ElementType.FLOAT32);
 * Value kernel = graph.parameter(List.of("enc1", "conv", "weight"), weight);
 * Value y = graph.call("conv2d", x, kernel, null, ints(1, 1), ints(1, 1));
 * graph.tap(List.of("enc1", "conv"), y);
 * graph.output(y);
 * NetworkGraph network = graph.build(provenance);
 * }</pre>
 *
 * <p>A tap means the value as it is at this point: what later calls write into the same memory does
 * not change it.
 */
public final class GraphBuilder {

  private final String name;
  private final Map<List<String>, NetworkGraph.Tensor> tensors = new LinkedHashMap<>();
  private final List<NetworkGraph.Step> steps = new ArrayList<>();
  private final List<NetworkGraph.Output> outputs = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final RunNames runs = new RunNames();
  private final Set<String> layers = new HashSet<>();
  private final List<Value> values = new ArrayList<>();
  private NetworkGraph.@Nullable Input input;
  private boolean samplesFirst;

  GraphBuilder(String name) {
    this.name = name;
  }

  /**
   * The one input, of any shape.
   *
   * @param type which probes are converted to
   */
  public Value input(ElementType type) {
    return input(type, List.of());
  }

  /**
   * The one input.
   *
   * @param extents of its dimensions, the samples' first
   */
  public Value input(ElementType type, List<Extent> extents) {
    if (input != null) {
      throw new IllegalStateException("a graph has one input");
    }
    Value value = newValue();
    input = new NetworkGraph.Input(value, type, extents);
    return value;
  }

  /** Says that every layer has its samples in the first dimension, whatever the probes. */
  public void samplesStandFirst() {
    samplesFirst = true;
  }

  /** A trained tensor; asked for a second time, the same value. */
  public Value parameter(List<String> path, StoredTensor stored) {
    return tensor(path, stored, true);
  }

  /** A tensor that is not trained: a buffer or a constant. */
  public Value buffer(List<String> path, StoredTensor stored) {
    return tensor(path, stored, false);
  }

  private Value tensor(List<String> path, StoredTensor stored, boolean trained) {
    NetworkGraph.Tensor known = tensors.get(path);
    if (known == null) {
      known = new NetworkGraph.Tensor(path, stored, trained, newValue());
      tensors.put(known.path(), known);
    } else if (!known.stored().equals(stored)) {
      throw new PalimpsestException(
          "%s has two tensors of the name '%s'.".formatted(name, String.join(".", path)));
    }
    return known.value();
  }

  /**
   * Calls an operator that gives one value.
   *
   * @param operator such as {@code conv2d}, or {@code prim::max}; an overload after a dot is for
   *     the reader
   * @param arguments by position, see {@link Argument#of}
   */
  public Value call(String operator, @Nullable Object... arguments) {
    return operator(operator).with(arguments).value();
  }

  /** Begins a call with named arguments, or of several results. */
  public CallBuilder operator(String operator) {
    return new CallBuilder(this, operator);
  }

  /**
   * Says that a value is what a module gives. Its second call becomes {@code path#2}.
   *
   * @param path the module's, not empty
   */
  public Value tap(List<String> path, Value value) {
    return tapLayer(runs.next(String.join(".", path)), value);
  }

  /** Says that several values are what a module gives: {@code path[0]}, {@code path[1]}. */
  public void tap(List<String> path, List<Value> results) {
    String layer = runs.next(String.join(".", path));
    for (int i = 0; i < results.size(); i++) {
      tapLayer("%s[%s]".formatted(layer, i), results.get(i));
    }
  }

  /**
   * Says that a value is a layer's.
   *
   * @param layer its whole name, with the number of the call if it is not the first
   */
  public Value tapLayer(String layer, Value value) {
    if (!layers.add(layer)) {
      throw new PalimpsestException(
          "%s has two layers of the name '%s'; later calls of a module go by names such as 'relu#2'. Give the module another name and save the network again."
              .formatted(name, layer));
    }
    steps.add(new NetworkGraph.Tap(layer, own(value)));
    return value;
  }

  /**
   * Says which shape a value has; runs in which it has another are refused.
   *
   * @param what to call the value in the message
   * @param extents whole numbers, values that are whole numbers, or null where it is not known
   */
  public Value expect(String what, Value value, List<? extends @Nullable Object> extents) {
    List<Argument> arguments = new ArrayList<>();
    extents.forEach(extent -> arguments.add(Argument.of(extent)));
    steps.add(new NetworkGraph.ShapeCheck(what, own(value), arguments));
    return value;
  }

  /** The only output. */
  public GraphBuilder output(Value value) {
    return output("", value);
  }

  /**
   * One output of several.
   *
   * @param label its position or key
   */
  public GraphBuilder output(String label, Value value) {
    outputs.add(new NetworkGraph.Output(label, own(value)));
    return this;
  }

  /** Something that a reader of results must know, such as what was assumed or left out. */
  public GraphBuilder note(String note) {
    notes.add(note);
    return this;
  }

  /** The same, where many layers have the same to say. */
  public GraphBuilder noteOnce(String note) {
    return notes.contains(note) ? this : note(note);
  }

  /**
   * The graph.
   *
   * @param provenance the user's file; the notes come after its own
   */
  public NetworkGraph build(Provenance provenance) {
    if (input == null || outputs.isEmpty()) {
      throw new IllegalStateException("a graph has an input and an output");
    }
    List<String> all = new ArrayList<>(provenance.notes());
    all.addAll(notes);
    return new NetworkGraph(
        name,
        new Provenance(provenance.origin(), provenance.sha256(), all),
        List.copyOf(tensors.values()),
        input,
        steps,
        outputs,
        samplesFirst);
  }

  Value newValue() {
    Value value = new Value(values.size());
    values.add(value);
    return value;
  }

  private Value own(Value value) {
    if (value.number() >= values.size() || values.get(value.number()) != value) {
      throw new IllegalArgumentException("a value of another graph: " + value);
    }
    return value;
  }

  /** A call that is being put together. */
  public static final class CallBuilder {

    private final GraphBuilder graph;
    private final String operator;
    private final List<NetworkGraph.NamedArgument> arguments = new ArrayList<>();

    private CallBuilder(GraphBuilder graph, String operator) {
      this.graph = graph;
      this.operator = operator;
    }

    /** Arguments by position. */
    public CallBuilder with(@Nullable Object... values) {
      for (Object value : values) {
        add(Optional.empty(), value);
      }
      return this;
    }

    /** An argument by name, after those by position. */
    public CallBuilder with(String argument, @Nullable Object value) {
      add(Optional.of(argument), value);
      return this;
    }

    private void add(Optional<String> argument, @Nullable Object value) {
      Argument converted = Argument.of(value);
      requireOwn(converted);
      arguments.add(new NetworkGraph.NamedArgument(argument, converted));
    }

    private void requireOwn(Argument argument) {
      if (argument instanceof Value value) {
        graph.own(value);
      } else if (argument instanceof Argument.Items list) {
        list.items().forEach(this::requireOwn);
      }
    }

    /** Makes the call, which gives one value. */
    public Value value() {
      return values(1).get(0);
    }

    /** Makes the call, which gives so many values. */
    public List<Value> values(int count) {
      return call(count, false);
    }

    /** Makes the call, which gives one list of so many values. */
    public List<Value> list(int count) {
      return call(count, true);
    }

    private List<Value> call(int count, boolean list) {
      List<Value> results = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        results.add(graph.newValue());
      }
      graph.steps.add(new NetworkGraph.Call(operator, arguments, results, list));
      return results;
    }
  }
}
