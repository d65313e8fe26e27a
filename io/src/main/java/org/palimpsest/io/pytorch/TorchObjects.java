package org.palimpsest.io.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.binary.ElementType;
import org.palimpsest.io.pickle.Global;
import org.palimpsest.io.pickle.ObjectFactory;
import org.palimpsest.io.pickle.PyDict;
import org.palimpsest.io.pickle.PyTuple;

/** Makes descriptions of tensors and storages out of what PyTorch's pickles say of them. */
final class TorchObjects implements ObjectFactory {

  private static final int MAX_RANK = 64;
  private static final int MOST_NAMES_KEPT = 1000;
  private static final String NEGATED = "neg";
  private static final String CONJUGATED = "conj"; // of a real tensor: itself
  private static final Map<String, ElementType> DTYPES =
      Map.of(
          "torch.uint16", ElementType.UINT16,
          "torch.uint32", ElementType.UINT32,
          "torch.uint64", ElementType.UINT64);

  private final String source;
  private final Map<String, StorageRef> storages = new LinkedHashMap<>();
  private final Set<Global> named = new LinkedHashSet<>();

  TorchObjects(String source) {
    this.source = source;
  }

  @Override
  public Object load(Object persistentId) {
    if (persistentId instanceof PyTuple id) {
      Optional<StorageRef> storage = StorageRef.of(id);
      if (storage.isPresent()) {
        StorageRef before = storages.putIfAbsent(storage.get().key(), storage.get());
        if (before != null && !before.sameNumbers(storage.get())) {
          throw new PalimpsestException(
              "%s describes its storage '%.80s' in two ways: it is damaged."
                  .formatted(source, before.key()));
        }
        return storage.get();
      }
      if (id.items().size() > 1 && "module".equals(id.items().get(0))) {
        return id.items().get(1); // a module's class with its source, in old files
      }
    }
    throw new PalimpsestException(
        source + " refers to something outside it that is no storage: it is damaged.");
  }

  @Override
  public void named(Global global) {
    if (named.size() < MOST_NAMES_KEPT) {
      named.add(global);
    }
  }

  /** The classes and functions that the pickle names, in its order, a thousand at most. */
  Set<Global> named() {
    return named;
  }

  /** The storages that were named, by key. */
  Map<String, StorageRef> storages() {
    return storages;
  }

  @Override
  public Optional<Object> make(Global callee, List<Object> arguments) {
    return switch (callee.path()) {
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" ->
          Optional.of(tensor(arguments, Optional.empty(), metadata(arguments, 6)));
      case "torch._utils._rebuild_tensor_v3" ->
          Optional.of(tensor(arguments, dtype(arguments), metadata(arguments, 7)));
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
          arguments.stream().findFirst();
      case "torch._tensor._rebuild_from_type_v2" -> rebuilt(arguments);
      case "torch._utils._rebuild_qtensor" -> unreadable("quantised; save it dequantised");
      case "torch._utils._rebuild_sparse_tensor",
          "torch._utils._rebuild_sparse_csr_tensor",
          "torch._utils._rebuild_nested_tensor" ->
          unreadable("sparse or nested; save it dense");
      case "torch._utils._rebuild_meta_tensor_no_storage" ->
          unreadable("on the 'meta' device, without values");
      case "torch._utils._rebuild_device_tensor_from_numpy",
          "torch._utils._rebuild_xla_tensor",
          "torch.storage._load_from_bytes" ->
          unreadable(
              "saved by another device or by pickle itself; save it with torch.save from the CPU");
      case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct" ->
          unreadable("a NumPy array; save it as a tensor");
      case "torch.Size" -> arguments.stream().findFirst();
      default -> Optional.empty();
    };
  }

  private static Optional<Object> unreadable(String reason) {
    return Optional.of(new UnreadableTensor(reason));
  }

  private Optional<Object> rebuilt(List<Object> arguments) {
    return arguments.size() > 2
            && arguments.get(0) instanceof Global function
            && !function.path().equals("torch._tensor._rebuild_from_type_v2")
            && arguments.get(2) instanceof PyTuple inner
        ? make(function, inner.items())
        : Optional.empty();
  }

  private static Optional<ElementType> dtype(List<Object> arguments) {
    return arguments.size() > 6 && arguments.get(6) instanceof Global dtype
        ? Optional.ofNullable(DTYPES.get(dtype.path()))
        : Optional.empty();
  }

  /** PyTorch 2 notes here what it has put off: a sign to turn, a complex conjugate to take. */
  private static Map<String, Object> metadata(List<Object> arguments, int at) {
    return arguments.size() > at && arguments.get(at) instanceof PyDict told
        ? told.named()
        : Map.of();
  }

  private static Optional<String> unknownIn(Map<String, Object> metadata) {
    return metadata.entrySet().stream()
        .filter(entry -> !Boolean.FALSE.equals(entry.getValue()))
        .map(Map.Entry::getKey)
        .filter(key -> !key.equals(NEGATED) && !key.equals(CONJUGATED))
        .findFirst();
  }

  private Object tensor(
      List<Object> arguments, Optional<ElementType> dtype, Map<String, Object> metadata) {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof StorageRef storage)
        || !(arguments.get(1) instanceof Long offset)) {
      return new UnreadableTensor("of an unknown form");
    }
    Optional<List<Long>> shape = numbers(arguments.get(2));
    Optional<List<Long>> strides = numbers(arguments.get(3));
    if (shape.isEmpty() || strides.isEmpty() || shape.get().size() != strides.get().size()) {
      throw new PalimpsestException(
          source + " describes a tensor whose shape and strides do not fit: it is damaged.");
    }
    Optional<ElementType> type = dtype.or(storage::type);
    if (type.isEmpty() || dtype.isEmpty() && arguments.size() > 6 && isBytes(storage)) {
      return new UnreadableTensor("of type " + storage.typeName() + ", which is not read");
    }
    Optional<String> unknown = unknownIn(metadata);
    if (unknown.isPresent()) {
      return new UnreadableTensor("with the property '" + unknown.get() + "', which is not known");
    }
    boolean negated = Boolean.TRUE.equals(metadata.get(NEGATED));
    return new TensorRef(storage, type.get(), offset, shape.get(), strides.get(), negated);
  }

  private static boolean isBytes(StorageRef storage) {
    return storage.typeName().endsWith("UntypedStorage");
  }

  private static Optional<List<Long>> numbers(Object value) {
    List<?> items = value instanceof PyTuple tuple ? tuple.items() : List.of();
    items = value instanceof List<?> list ? list : items;
    if (items.size() > MAX_RANK) {
      return Optional.empty();
    }
    List<Long> numbers = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof Long number)) {
        return Optional.empty();
      }
      numbers.add(number);
    }
    return Optional.of(numbers);
  }
}
