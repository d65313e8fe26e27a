package org.palimpsest.io.internal.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.internal.binary.ElementType;

/**
 * A network as a list of calls of PyTorch's operators, with the tensors of its file and the values
 * that are its layers. Nothing of it can change. Build one with {@link #builder}; {@code
 * TorchScriptNetwork.open(graph, limits)} shows it probes.
 *
 * @param name what to call the network, such as the name of its file
 * @param provenance the user's file, its hash, and what was assumed or left out
 * @param tensors in the order of their values
 * @param input the one tensor that it takes
 * @param steps what it does, in order
 * @param outputs what it gives, at least one
 * @param samplesFirst whether the first dimension of every layer is known to be the samples', so
 *     that no look at another number of them has to tell
 */
public record NetworkGraph(
    String name,
    Provenance provenance,
    List<Tensor> tensors,
    Input input,
    List<Step> steps,
    List<Output> outputs,
    boolean samplesFirst) {

  /** The same with more that is known of where it came from. */
  public NetworkGraph noting(List<String> more) {
    List<String> notes = new ArrayList<>(provenance.notes());
    notes.addAll(more);
    return new NetworkGraph(
        name,
        new Provenance(provenance.origin(), provenance.sha256(), notes),
        tensors,
        input,
        steps,
        outputs,
        samplesFirst);
  }

  /**
   * A tensor of the file.
   *
   * @param path the names of the modules that it is in, and its own
   * @param trained whether it is a parameter; others are buffers or constants
   */
  public record Tensor(List<String> path, StoredTensor stored, boolean trained, Value value) {
    public Tensor {
      path = List.copyOf(path);
    }
  }

  /**
   * The input.
   *
   * @param type which probes are converted to
   * @param extents of its dimensions, the samples' first; empty if the file does not tell
   */
  public record Input(Value value, ElementType type, List<Extent> extents) {
    public Input {
      extents = List.copyOf(extents);
    }
  }

  /**
   * A result.
   *
   * @param label what tells it from others: its position or key; empty if it is the only one
   */
  public record Output(String label, Value value) {}

  /** One thing that is done. */
  public sealed interface Step {}

  /**
   * A call of an operator.
   *
   * @param operator its name with the overload, such as {@code conv2d.default}, or without
   * @param results what it gives
   * @param givesList whether these are the elements of one list
   */
  public record Call(
      String operator, List<NamedArgument> arguments, List<Value> results, boolean givesList)
      implements Step {
    public Call {
      arguments = List.copyOf(arguments);
      results = List.copyOf(results);
    }
  }

  /**
   * An argument.
   *
   * @param name empty if it is given by position; those by position come first
   */
  public record NamedArgument(Optional<String> name, Argument argument) {}

  /**
   * A value that is a layer's, as it is at this moment.
   *
   * @param layer such as {@code enc1.conv}, {@code relu#2} or {@code lstm[0]}
   */
  public record Tap(String layer, Value value) implements Step {}

  /**
   * A shape that the file tells of a value.
   *
   * @param extents whole numbers, values that are, or {@link Argument.None} where it is not known
   */
  public record ShapeCheck(String what, Value value, List<Argument> extents) implements Step {
    public ShapeCheck {
      extents = List.copyOf(extents);
    }
  }

  public NetworkGraph {
    tensors = List.copyOf(tensors);
    steps = List.copyOf(steps);
    outputs = List.copyOf(outputs);
  }

  /**
   * Begins a graph.
   *
   * @param name what to call the network
   */
  public static GraphBuilder builder(String name) {
    return new GraphBuilder(name);
  }

  /** The layers, in the order in which they finish. */
  public List<String> layers() {
    return steps.stream().filter(Tap.class::isInstance).map(step -> ((Tap) step).layer()).toList();
  }

  /** How many samples may be shown at once. */
  public Extent samples() {
    return input.extents().isEmpty() ? Extent.any() : input.extents().get(0);
  }

  /**
   * Makes sure that probes have a shape that the network takes.
   *
   * @param shape of some or all probes, the samples first
   * @throws PalimpsestException if not, saying what is expected
   */
  public void requireFitting(long[] shape) {
    List<Extent> extents = input.extents();
    if (extents.isEmpty()) {
      return;
    }
    boolean fits = extents.size() == shape.length;
    for (int i = 1; fits && i < shape.length; i++) {
      fits = extents.get(i).allows(shape[i]);
    }
    if (!fits) {
      throw new PalimpsestException(
          "%s takes probes of the shape %s, samples first; these have the shape %s. Give it probes of that shape, or export the network for theirs."
              .formatted(provenance.origin(), extents, Arrays.toString(shape)));
    }
  }
}
