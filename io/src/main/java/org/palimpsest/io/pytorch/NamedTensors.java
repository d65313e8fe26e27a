package org.palimpsest.io.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.io.pickle.Opaque;
import org.palimpsest.io.pickle.PyDict;
import org.palimpsest.io.pickle.PyNone;

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

  private final String source;
  private final Map<String, Found> tensors = new LinkedHashMap<>();
  private final List<String> leftOut = new ArrayList<>();
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

  private void visit(String path, Object value, LayerKind kind, int depth) {
    visits++;
    if (depth > MAX_DEPTH || visits > MAX_VISITS) {
      throw new PalimpsestException(
          source
              + " nests its objects deeper or more often than a network does: it is damaged or"
              + " harmful. Save the state_dict() alone.");
    }
    if (value instanceof TensorRef tensor) {
      tensors.put(path, new Found(tensor, kind));
    } else if (value instanceof UnreadableTensor tensor) {
      leftOut.add(path + " (" + tensor.reason() + ")");
    } else if (value instanceof PyDict dict) {
      dict.named().forEach((name, inner) -> visit(joined(path, name), inner, kind, depth + 1));
    } else if (value instanceof Opaque object && object.state() instanceof PyDict state) {
      visitModule(path, object.type(), state, depth);
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

  private static String joined(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
