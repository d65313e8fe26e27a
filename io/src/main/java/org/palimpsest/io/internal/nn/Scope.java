package org.palimpsest.io.internal.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.TensorStock;
import org.palimpsest.io.internal.graph.Value;

/**
 * A module of a network that is being built: its values are tapped under its path, its tensors are
 * taken from the state dict under its name.
 *
 * <p>A state dict may hold a module under several names, as when two modules share a third. PyTorch
 * then loads each of them into the same tensor, and the last one stays; so does this class.
 */
public final class Scope {

  private final GraphBuilder graph;
  private final TensorStock stock;
  private final List<String> path;
  private final List<String> names;

  private Scope(GraphBuilder graph, TensorStock stock, List<String> path, List<String> names) {
    this.graph = graph;
    this.stock = stock;
    this.path = List.copyOf(path);
    this.names = List.copyOf(names);
  }

  /**
   * The network itself.
   *
   * @param prefix what the names of its tensors begin with, such as {@code module.}, or empty
   */
  public static Scope root(GraphBuilder graph, TensorStock stock, String prefix) {
    return new Scope(graph, stock, List.of(), List.of(prefix));
  }

  /** A module within this one; dots part the names of nested ones. */
  public Scope child(String name) {
    List<String> inner = new ArrayList<>(path);
    inner.addAll(List.of(name.split("\\.")));
    return new Scope(graph, stock, inner, names.stream().map(n -> n + name + ".").toList());
  }

  /** A module within this one, as {@code Sequential} and {@code ModuleList} name theirs. */
  public Scope child(int index) {
    return child(String.valueOf(index));
  }

  /**
   * The same module where the state dict holds its tensors under a further name, which comes after
   * those known so far.
   */
  public Scope alsoNamed(Scope twin) {
    List<String> all = new ArrayList<>(names);
    all.addAll(twin.names);
    return new Scope(graph, stock, path, all);
  }

  public GraphBuilder graph() {
    return graph;
  }

  /** The name of this module, with dots; empty for the network itself. */
  public String name() {
    return String.join(".", path);
  }

  /** Whether the state dict has this tensor of this module. */
  public boolean has(String tensor) {
    return names.stream().anyMatch(name -> stock.has(name + tensor));
  }

  /** Whether the state dict has any tensor of this module or of those within. */
  public boolean hasTensors() {
    return stock.names().stream().anyMatch(held -> names.stream().anyMatch(held::startsWith));
  }

  /**
   * The shape of a tensor of this module, which is not taken by this.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is none
   */
  public List<Long> shape(String tensor) {
    return stock.shape(last(tensor));
  }

  /**
   * A trained tensor.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is none, or it has another shape
   */
  public Value parameter(String tensor, long... shape) {
    return graph.parameter(inner(tensor), take(tensor, shape));
  }

  /** A trained tensor, or null if the layer is built without. */
  public @Nullable Value parameterIf(boolean wanted, String tensor, long... shape) {
    return wanted ? parameter(tensor, shape) : null;
  }

  /**
   * A tensor that is not trained.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is none, or it has another shape
   */
  public Value buffer(String tensor, long... shape) {
    return graph.buffer(inner(tensor), take(tensor, shape));
  }

  /**
   * Counts a tensor as known that belongs to a part of the network which is not run.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is none, or it has another shape
   */
  public void setAside(String tensor, long... shape) {
    take(tensor, shape);
  }

  /** Counts all tensors of this module and of those within as known: it is not run. */
  public void setAsideAll() {
    stock.names().stream()
        .filter(held -> names.stream().anyMatch(held::startsWith))
        .forEach(stock::setAside);
  }

  /** Counts a tensor as known that has no effect on what the network gives, if there is one. */
  public void passOver(String tensor) {
    names.stream().map(name -> name + tensor).filter(stock::has).forEach(stock::setAside);
  }

  public Value call(String operator, @Nullable Object... arguments) {
    return graph.call(operator, arguments);
  }

  /** Says that a value is what this module gives; the network's own result is its output. */
  public Value tap(Value value) {
    return path.isEmpty() ? value : graph.tap(path, value);
  }

  private StoredTensor take(String tensor, long... shape) {
    StoredTensor used = stock.take(last(tensor), shape);
    for (String name : names) {
      if (stock.has(name + tensor) && !stock.take(name + tensor, shape).equals(used)) {
        graph.note(
            "'%s' and '%s' are one tensor of the network and two of the file: the latter is used"
                .formatted(name + tensor, last(tensor)));
      }
    }
    return used;
  }

  private String last(String tensor) {
    for (int i = names.size() - 1; i > 0; i--) {
      if (stock.has(names.get(i) + tensor)) {
        return names.get(i) + tensor;
      }
    }
    return names.get(0) + tensor;
  }

  private List<String> inner(String tensor) {
    List<String> all = new ArrayList<>(path);
    all.add(tensor);
    return all;
  }
}
