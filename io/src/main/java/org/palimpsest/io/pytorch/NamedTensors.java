package org.palimpsest.io.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.io.pickle.Opaque;
import org.palimpsest.io.pickle.PyDict;
import org.palimpsest.io.pickle.PyNone;
import org.palimpsest.io.pickle.PyTuple;

/** Gathers the tensors below a value by their names: of dictionaries and of modules. */
final class NamedTensors {

  /**
   * A tensor found.
   *
   * @param tensor where its numbers are
   * @param kind what its layer is, where the file tells
   */
  record Found(TensorRef tensor, LayerKind kind) {}

  private static final int MAX_DEPTH = 200;
  private static final int MAX_VISITS = 200_000;
  private static final int LONGEST_NAME = 4096;

  private final String source;
  private final Map<String, Found> tensors = new LinkedHashMap<>();
  private final List<String> leftOut = new ArrayList<>();
  private final Set<String> modules = new LinkedHashSet<>();
  private int visits;

  NamedTensors(String source) {
    this.source = source;
  }

  static NamedTensors below(Object root, String source) {
    NamedTensors found = new NamedTensors(source);
    found.visit("", root, LayerKind.UNKNOWN, 0);
    return found;
  }

  Map<String, Found> tensors() {
    return tensors;
  }

  /** What was passed over and why. */
  List<String> leftOut() {
    return leftOut;
  }

  /** The classes of the objects that tensors were looked for in. */
  Set<String> modules() {
    return modules;
  }

  private void visit(String path, Object value, LayerKind kind, int depth) {
    visits++;
    if (depth > MAX_DEPTH || visits > MAX_VISITS) {
      throw new PalimpsestException(
          source
              + " nests its objects deeper or more often than a network does: it is damaged or"
              + " harmful. Save the state_dict() alone.");
    }
    if (value instanceof TensorRef tensor) {
      if (tensors.put(path, new Found(tensor, kind)) != null) {
        throw new PalimpsestException(
            "%s names the tensor '%s' twice: it is damaged.".formatted(source, path));
      }
    } else if (value instanceof UnreadableTensor tensor) {
      leftOut.add(path + " (" + tensor.reason() + ")");
    } else if (value instanceof PyDict dict) {
      dict.named()
          .forEach((name, inner) -> visit(joined(path, name, source), inner, kind, depth + 1));
    } else if (value instanceof PyTuple tuple) {
      noteTensorsIn(path, tuple.items());
    } else if (value instanceof List<?> list) {
      noteTensorsIn(path, list);
    } else if (value instanceof Opaque object) {
      visit(path, object.items(), kind, depth + 1);
      if (object.state() instanceof PyDict state) {
        modules.add(object.type());
        visitModule(path, object.type(), state, depth);
      }
    }
  }

  /** What stands in a list has no name. */
  private void noteTensorsIn(String path, List<?> items) {
    long count =
        items.stream()
            .filter(item -> item instanceof TensorRef || item instanceof UnreadableTensor)
            .count();
    if (count > 0) {
      leftOut.add("%s (a list of %d tensors, which have no names)".formatted(path, count));
    }
  }

  /** A module of Python keeps its tensors in three dictionaries, one of TorchScript in itself. */
  private void visitModule(String path, String type, PyDict state, int depth) {
    LayerKind kind = ModuleKinds.of(type);
    if (state.get("_parameters") == PyNone.NONE && state.get("_modules") == PyNone.NONE) {
      visit(path, state, kind, depth + 1);
      return;
    }
    for (String part : List.of("_parameters", "_buffers", "_modules")) {
      visit(path, state.get(part), kind, depth + 1);
    }
  }

  /** A name below another one; names of some kilobytes are bombs. */
  static String joined(String path, String name, String source) {
    if (path.length() + name.length() >= LONGEST_NAME) {
      throw new PalimpsestException(
          "%s gives an object a name of more than %d characters: it is damaged or harmful."
              .formatted(source, LONGEST_NAME));
    }
    return path.isEmpty() ? name : path + "." + name;
  }
}
