package org.palimpsest.io.internal.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.ObjectFactory;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;
import org.palimpsest.io.internal.pickle.PyNone;
import org.palimpsest.io.internal.pickle.PyTuple;

/** Makes descriptions of tensors and storages out of what PyTorch's pickles say of them. */
final class TorchObjects implements ObjectFactory {

  private static final int MAX_RANK = 64;
  private static final int MOST_NAMES_KEPT = 1000;
  private static final int MOST_WRAPPED = 4;
  private static final Pattern TENSOR_CLASS =
      Pattern.compile(
          "torch\\.(cuda\\.)?\\w*Tensor|torch\\.nn\\.parameter\\.\\w+"
              + "|torch\\.autograd\\.variable\\.Variable");
  private static final String UNINITIALISED = "torch.nn.parameter.Uninitialized";
  private static final String NEGATED = "neg";
  private static final Map<String, ElementType> DTYPES =
      Map.of(
          "torch.uint16", ElementType.UINT16,
          "torch.uint32", ElementType.UINT32,
          "torch.uint64", ElementType.UINT64);

  private final String source;
  private final boolean isOldFormat;
  private final Map<String, StorageRef> storages = new LinkedHashMap<>();
  private final Set<Global> named = new LinkedHashSet<>();

  TorchObjects(String source) {
    this(source, false);
  }

  private TorchObjects(String source, boolean isOldFormat) {
    this.source = source;
    this.isOldFormat = isOldFormat;
  }

  /** For files from before PyTorch 1.6. */
  static TorchObjects ofOldFormat(String source) {
    return new TorchObjects(source, true);
  }

  /**
   * The tensor that a value is, where PyTorch of before version 0.4 made one by a class of its own;
   * any other value is itself.
   */
  static Object resolved(Object value, String source) {
    Object resolved = value;
    for (int wrapped = 0; wrapped < MOST_WRAPPED; wrapped++) {
      if (!(resolved instanceof Opaque object)
          || !TENSOR_CLASS.matcher(object.type()).matches()
          || !(object.state() instanceof PyTuple state)) {
        break;
      }
      List<Object> parts = state.items();
      if (parts.size() == 4 && parts.get(0) instanceof StorageRef) {
        return tensor(parts, Optional.empty(), PyNone.NONE, source);
      }
      if (parts.size() != 5) {
        break;
      }
      resolved = parts.get(0);
    }
    return resolved;
  }

  @Override
  public void setState(Object target, Object state) {
    boolean replaces =
        state instanceof PyTuple parts && (parts.items().size() == 4 || parts.items().size() == 5);
    if (target instanceof TensorRef && replaces) {
      throw new PalimpsestException(
          source + " gives a tensor its numbers twice, which is not read. Save it again.");
    }
  }

  @Override
  public Object load(Object persistentId) {
    if (persistentId instanceof PyTuple id) {
      Optional<StorageRef> storage =
          StorageRef.of(id).map(found -> isOldFormat ? found.inOldFormat() : found);
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
    if (persistentId instanceof String text && text.startsWith("('storage'")) {
      throw new PalimpsestException(
          source
              + " was saved with pickle protocol 0, which keeps of each storage no more than a text,"
              + " so that PyTorch cannot load it either. Save it with pickle_protocol=2.");
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
          Optional.of(tensor(arguments, Optional.empty(), argument(arguments, 6), source));
      case "torch._utils._rebuild_tensor_v3" ->
          Optional.of(tensor(arguments, dtype(arguments), argument(arguments, 7), source));
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
          "torch._utils._rebuild_device_tensor_from_cpu_tensor",
          "torch.storage._load_from_bytes" ->
          unreadable(
              "saved by another device or by pickle itself; save it with torch.save from the CPU");
      case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct" ->
          unreadable("a NumPy array; save it as a tensor");
      case "torch.nn.parameter.Parameter",
          "torch.nn.parameter.Buffer",
          "torch.autograd.variable.Variable" ->
          wrapped(arguments);
      case "torch.Size",
          "torch.jit._pickle.restore_type_tag",
          "torch.jit._pickle.build_tensorlist",
          "torch.jit._pickle.build_intlist",
          "torch.jit._pickle.build_doublelist",
          "torch.jit._pickle.build_boollist" ->
          arguments.stream().findFirst();
      case "torch.jit._pickle.build_tensor_from_id" ->
          unreadable("in the table of tensors of an early TorchScript; save it again");
      default -> unusual(callee);
    };
  }

  private static Optional<Object> unreadable(String reason) {
    return Optional.of(new UnreadableTensor(reason));
  }

  /** What wraps a tensor in early files, or nothing. */
  private static Optional<Object> wrapped(List<Object> arguments) {
    return arguments.stream()
        .findFirst()
        .filter(value -> !(value instanceof Boolean) && value != PyNone.NONE);
  }

  private static Optional<Object> unusual(Global callee) {
    if (callee.path().startsWith(UNINITIALISED)) {
      return unreadable("without values, as its layer never ran; run the network once and save it");
    }
    return callee.path().startsWith("torch._utils._rebuild_")
        ? unreadable("made by %s, which is not read".formatted(callee.name()))
        : Optional.empty();
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

  private static Object argument(List<Object> arguments, int at) {
    return arguments.size() > at ? arguments.get(at) : PyNone.NONE;
  }

  /** PyTorch 2 notes in a tensor's metadata what it has put off; here, what is not known of it. */
  private static Optional<String> unknownIn(Object metadata) {
    if (metadata == PyNone.NONE) {
      return Optional.empty();
    }
    if (!(metadata instanceof PyDict told)) {
      return Optional.of("of an unknown form");
    }
    return Stream.concat(
            told.named().entrySet().stream()
                .filter(entry -> !(entry.getKey().equals(NEGATED) && isTrue(entry.getValue()))),
            told.unnamed().stream())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static boolean isTrue(Object value) {
    return Boolean.TRUE.equals(value);
  }

  private static Object tensor(
      List<Object> arguments, Optional<ElementType> dtype, Object metadata, String source) {
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
    if (storage.type().isEmpty()
        || type.isEmpty()
        || dtype.isEmpty() && arguments.size() > 6 && isBytes(storage)) {
      return new UnreadableTensor(typeNotRead(storage, arguments));
    }
    Optional<String> unknown = unknownIn(metadata);
    if (unknown.isPresent()) {
      return new UnreadableTensor(
          "with the property '%.80s', which has no known meaning there".formatted(unknown.get()));
    }
    boolean negated = metadata instanceof PyDict told && told.get(NEGATED) != PyNone.NONE;
    return new TensorRef(storage, type.get(), offset, shape.get(), strides.get(), negated);
  }

  private static String typeNotRead(StorageRef storage, List<Object> arguments) {
    String type =
        argument(arguments, 6) instanceof Global dtype && storage.type().isPresent()
            ? dtype.path()
            : storage.typeName();
    String advice =
        type.startsWith("Complex") || type.startsWith("torch.complex")
            ? "save torch.view_as_real(tensor)"
            : type.contains("float") ? "save tensor.float()" : "save it as float32";
    return "of type %s, which is not read; %s".formatted(type, advice);
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
