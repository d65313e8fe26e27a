package org.palimpsest.io.internal.torchscript;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;
import org.palimpsest.io.internal.pytorch.TorchTensors;

/**
 * The tensors of a network's modules, in the order in which {@link StateChanges#stateMethod} has
 * the recorder see them, so that another file's can be put in their place.
 */
public final class StateTensors {

  /**
   * The numbers of a tensor.
   *
   * @param type what they are
   * @param bytes in C order, little-endian
   */
  public record Numbers(ElementType type, byte[] bytes) {}

  /** Those that a tensor can be made of in libtorch from here. */
  private static final Set<ElementType> TYPES =
      EnumSet.of(
          ElementType.FLOAT64,
          ElementType.FLOAT32,
          ElementType.FLOAT16,
          ElementType.INT64,
          ElementType.INT32,
          ElementType.INT8,
          ElementType.UINT8,
          ElementType.BOOL);

  private static final int MOST_DEPTH = 200;
  private static final int MOST_TENSORS = 100_000;

  private final TorchTensors file;
  private final ScriptLibrary library;
  private final List<StoredTensor> found = new ArrayList<>();

  /** Whether nothing was met that cannot be put in another's place. */
  private boolean isPlain = true;

  private StateTensors(TorchTensors file, ScriptLibrary library) {
    this.file = file;
    this.library = library;
  }

  /**
   * The numbers of each.
   *
   * @return empty if there are other tensors in the file, or some do not lie there element by
   *     element in C order, little-endian
   */
  static Optional<List<Numbers>> read(TorchTensors file, ScriptLibrary library) throws IOException {
    StateTensors tensors = new StateTensors(file, library);
    if (file.saved() instanceof Opaque network) {
      tensors.visit(network, 0);
    }
    Set<Storage> storages = new HashSet<>();
    tensors.found.forEach(tensor -> storages.add(tensor.storage()));
    if (!tensors.isPlain || storages.isEmpty() || storages.size() != file.storages()) {
      return Optional.empty();
    }
    List<Numbers> numbers = new ArrayList<>();
    for (StoredTensor tensor : tensors.found) {
      numbers.add(new Numbers(tensor.type(), bytes(tensor)));
    }
    return Optional.of(numbers);
  }

  private void visit(Opaque module, int depth) {
    ScriptClass type = library.find(module.type());
    isPlain &= type != null && type.isModule() && depth < MOST_DEPTH;
    if (!isPlain || type == null || !(module.state() instanceof PyDict state)) {
      isPlain = false;
      return;
    }
    for (Map.Entry<String, ScriptType> attribute : type.attributes().entrySet()) {
      Object value = state.get(attribute.getKey());
      if (library.findModule(attribute.getValue()) != null) {
        isPlain &= value instanceof Opaque;
        if (value instanceof Opaque below) {
          visit(below, depth + 1);
        }
      } else {
        file.tensor(value).ifPresent(tensor -> add(tensor, attribute.getValue()));
      }
    }
  }

  private void add(StoredTensor tensor, ScriptType type) {
    boolean isSeen =
        type.isTensor() || type.name().equals("Optional") && type.arguments().get(0).isTensor();
    isPlain &=
        isSeen
            && TYPES.contains(tensor.type())
            && found.size() < MOST_TENSORS
            && tensor.elements() > 0
            && tensor.isContiguous()
            && tensor.storage().order() == ByteOrder.LITTLE_ENDIAN;
    found.add(tensor);
  }

  private static byte[] bytes(StoredTensor tensor) throws IOException {
    int width = tensor.type().size();
    int from = Math.toIntExact(tensor.offset() * width);
    int length = Math.toIntExact(tensor.elements() * width);
    try (InputStream in = tensor.storage().open()) {
      byte[] whole = in.readAllBytes(); // so that its checksum is checked
      return whole.length == length ? whole : Arrays.copyOfRange(whole, from, from + length);
    }
  }
}
