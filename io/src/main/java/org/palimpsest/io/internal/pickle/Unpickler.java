package org.palimpsest.io.internal.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * Reads one pickle (protocols 0 to 5) with a bounded number of steps and without recursion.
 *
 * <p>Values are {@link String}, {@link Long}, {@link Double}, {@link Boolean}, {@link PyNone},
 * {@code byte[]}, {@link List} (also for sets), {@link PyTuple}, {@link PyDict}, {@link Global},
 * what the {@link ObjectFactory} makes, and {@link Opaque} for all else.
 */
public final class Unpickler {

  private static final int MAX_STEPS = 1_000_000;
  private static final Set<String> DICTIONARIES =
      Set.of("builtins.dict", "__builtin__.dict", "collections.OrderedDict", "collections.Counter");
  private static final String DEFAULT_DICTIONARY = "collections.defaultdict";

  private final PickleInput in;
  private final PickleStack stack;
  private final ObjectFactory factory;
  private final String source;
  private long steps;

  private Unpickler(InputStream in, ObjectFactory factory, String source) {
    this.in = new PickleInput(in, source);
    this.stack = new PickleStack(source);
    this.factory = factory;
    this.source = source;
  }

  /**
   * Reads one pickle, leaving the stream at the byte after it.
   *
   * @param in at the pickle's first byte; read in small pieces, so it should be buffered
   * @param factory makes the objects that are known
   * @param source what to call it in a message
   * @throws PalimpsestException if it is damaged, too large, or names what it should not
   * @throws IOException if it cannot be read or ends too early
   */
  public static Object read(InputStream in, ObjectFactory factory, String source)
      throws IOException {
    return new Unpickler(in, factory, source).run();
  }

  private Object run() throws IOException {
    while (true) {
      charge(1);
      int opcode = in.unsignedByte();
      if (opcode == '.') {
        return stack.pop();
      }
      if (!constant(opcode) && !text(opcode) && !container(opcode) && !memo(opcode)) {
        object(opcode);
      }
    }
  }

  private void charge(int more) {
    steps += more;
    if (steps > MAX_STEPS) {
      throw new PalimpsestException(
          source
              + " has a pickle of more than "
              + MAX_STEPS
              + " steps, as only a harmful file or one with long Python lists has."
              + " Save the state_dict() alone.");
    }
  }

  private boolean constant(int opcode) throws IOException {
    switch (opcode) {
      case 'N' -> stack.push(PyNone.NONE);
      case 0x88 -> stack.push(true);
      case 0x89 -> stack.push(false);
      case 'J' -> stack.push((long) in.signedInt());
      case 'K' -> stack.push((long) in.unsignedByte());
      case 'M' -> stack.push((long) in.unsignedShort());
      case 0x8a -> stack.push(in.littleEndian(in.unsignedByte()));
      case 0x8b -> stack.push(in.littleEndian(in.unsignedInt()));
      case 'G' -> stack.push(in.bigEndianDouble());
      case 'I' -> stack.push(in.decimal(in.line()));
      case 'L' -> stack.push(in.decimal(in.line().replace("L", "")));
      case 'F' -> stack.push(in.floating(in.line()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean text(int opcode) throws IOException {
    switch (opcode) {
      case 'X' -> stack.push(in.text(in.unsignedInt()));
      case 0x8c, 'U' -> stack.push(in.text(in.unsignedByte()));
      case 0x8d -> stack.push(in.text(in.signedLong()));
      case 'T' -> stack.push(in.text(in.signedInt()));
      case 'V' -> stack.push(in.unescaped(in.line(), false));
      case 'S' -> stack.push(in.unquoted(in.line()));
      case 'B' -> stack.push(in.bytes(in.unsignedInt()));
      case 'C' -> stack.push(in.bytes(in.unsignedByte()));
      case 0x8e, 0x96 -> stack.push(in.bytes(in.signedLong()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int opcode) {
    switch (opcode) {
      case '(' -> stack.mark();
      case ']', 0x8f -> stack.push(new ArrayList<>());
      case '}' -> stack.push(new PyDict());
      case ')' -> stack.push(new PyTuple(List.of()));
      case 't' -> stack.push(new PyTuple(stack.popToMark()));
      case 0x85, 0x86, 0x87 -> stack.push(new PyTuple(stack.pop(opcode - 0x84)));
      case 'l', 0x91 -> stack.push(stack.popToMark());
      case 'd' -> stack.push(filled(new PyDict(), stack.popToMark()));
      case 'a' -> append(stack.pop(1));
      case 'e', 0x90 -> append(stack.popToMark());
      case 's' -> setItems(stack.pop(2));
      case 'u' -> setItems(stack.popToMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("unchecked") // every list on the stack was made here, of objects
  private void append(List<Object> items) {
    Object target = stack.top();
    if (target instanceof List<?> list) {
      ((List<Object>) list).addAll(items);
    } else if (target instanceof Opaque object) {
      object.append(items);
    } else {
      throw stack.damaged();
    }
  }

  private void setItems(List<Object> items) {
    Object target = stack.top();
    if (target instanceof PyDict dict) {
      filled(dict, items);
    } else if (target instanceof Opaque object) {
      filled(object.items(), items);
    } else {
      throw stack.damaged();
    }
  }

  private PyDict filled(PyDict dict, List<Object> items) {
    if (items.size() % 2 != 0) {
      throw stack.damaged();
    }
    for (int i = 0; i < items.size(); i += 2) {
      dict.put(items.get(i), items.get(i + 1));
    }
    return dict;
  }

  private boolean memo(int opcode) throws IOException {
    switch (opcode) {
      case 0x80 -> requireProtocol(in.unsignedByte());
      case 0x95 -> in.signedLong(); // a frame's length helps buffering and nothing else
      case '0' -> {
        if (!stack.dropMarkIfEmpty()) {
          stack.pop();
        }
      }
      case '1' -> stack.popToMark();
      case '2' -> stack.push(stack.top());
      case 'q' -> stack.remember(in.unsignedByte());
      case 'r' -> stack.remember(in.unsignedInt());
      case 'p' -> stack.remember(index(in.line()));
      case 0x94 -> stack.rememberNext();
      case 'h' -> stack.recall(in.unsignedByte());
      case 'j' -> stack.recall(in.unsignedInt());
      case 'g' -> stack.recall(index(in.line()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void requireProtocol(int protocol) {
    if (protocol > 5) {
      throw new PalimpsestException(
          source + " is pickled with protocol " + protocol + "; 0 to 5 are known.");
    }
  }

  private long index(String line) {
    return in.decimal(line) instanceof Long index ? index : -1;
  }

  private void object(int opcode) throws IOException {
    switch (opcode) {
      case 'c' -> stack.push(global(in.utf8Line(), in.utf8Line()));
      case 0x93 -> {
        String name = stack.pop(String.class);
        stack.push(global(stack.pop(String.class), name));
      }
      case 'R', 0x81 -> {
        PyTuple arguments = stack.pop(PyTuple.class);
        stack.push(made(stack.pop(), arguments.items()));
      }
      case 0x92 -> {
        PyDict named = stack.pop(PyDict.class);
        PyTuple arguments = stack.pop(PyTuple.class);
        Object made = made(stack.pop(), arguments.items());
        if (made instanceof PyDict dict) {
          charge(named.size());
          dict.putAll(named);
        }
        stack.push(made);
      }
      case 'i' -> {
        Global type = global(in.utf8Line(), in.utf8Line());
        stack.push(made(type, stack.popToMark()));
      }
      case 'o' -> stack.push(made(stack.popToMark()));
      case 'b' -> build(stack.pop());
      case 'Q' -> stack.push(factory.load(stack.pop()));
      case 'P' -> stack.push(factory.load(in.line()));
      default ->
          throw new PalimpsestException(
              String.format(
                  Locale.ROOT,
                  "%s holds a pickle with the unknown step 0x%02x: it is damaged.",
                  source,
                  opcode));
    }
  }

  private Global global(String module, String name) {
    Global global = new Global(module, name).requireHarmless(source);
    factory.named(global);
    return global;
  }

  private Object made(List<Object> calleeAndArguments) {
    if (calleeAndArguments.isEmpty()) {
      throw stack.damaged();
    }
    return made(
        calleeAndArguments.get(0), calleeAndArguments.subList(1, calleeAndArguments.size()));
  }

  private Object made(Object callee, List<Object> arguments) {
    if (!(callee instanceof Global global)) {
      return new Opaque("the result of a call", arguments);
    }
    if (DICTIONARIES.contains(global.path())) {
      return dictionary(arguments);
    }
    if (global.path().equals(DEFAULT_DICTIONARY)) {
      return dictionary(arguments.subList(Math.min(1, arguments.size()), arguments.size()));
    }
    if (global.isBuiltin() && global.name().equals("getattr")) {
      return attribute(arguments);
    }
    return factory.make(global, arguments).orElseGet(() -> new Opaque(global.path(), arguments));
  }

  /** How Python pickles members of enumerations and methods: as a name below another one. */
  private Object attribute(List<Object> arguments) {
    if (arguments.size() < 2 || !(arguments.get(1) instanceof String name)) {
      throw stack.damaged();
    }
    if (arguments.get(0) instanceof Global owner) {
      return global(owner.module(), owner.name() + "." + name);
    }
    String type = arguments.get(0) instanceof Opaque object ? object.type() : "object";
    int dot = type.lastIndexOf('.');
    String module = dot < 0 ? "(unknown)" : type.substring(0, dot);
    return new Opaque(global(module, type.substring(dot + 1) + "." + name).path());
  }

  /** Filled as Python's constructors are: from a dictionary, or from pairs. */
  private PyDict dictionary(List<Object> arguments) {
    PyDict dict = new PyDict();
    Object content = arguments.isEmpty() ? List.of() : arguments.get(0);
    if (content instanceof PyDict other) {
      charge(other.size());
      dict.putAll(other);
      return dict;
    }
    List<?> pairs = items(content);
    charge(pairs.size());
    for (Object pair : pairs) {
      List<?> items = items(pair);
      if (items.size() != 2) {
        throw stack.damaged();
      }
      dict.put(items.get(0), items.get(1));
    }
    return dict;
  }

  private List<?> items(Object sequence) {
    if (sequence instanceof PyTuple tuple) {
      return tuple.items();
    }
    if (sequence instanceof List<?> list) {
      return list;
    }
    throw stack.damaged();
  }

  private void build(Object state) {
    if (stack.top() instanceof Opaque object) {
      object.setState(updated(object.state(), state));
    } else {
      factory.setState(stack.top(), state);
    }
  }

  /** Attributes that come one after the other add up, as they do in Python. */
  private Object updated(Object before, Object state) {
    if (!(before instanceof PyDict known) || !(state instanceof PyDict more)) {
      return state;
    }
    charge(known.size() + more.size());
    PyDict all = new PyDict();
    all.putAll(known);
    all.putAll(more);
    return all;
  }

  /** The stack, its marks, and the memo of a pickle machine. */
  private static final class PickleStack {

    private static final int MAX_MEMO = 1_000_000;

    private final List<Object> values = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final List<@Nullable Object> memo = new ArrayList<>();
    private final String source;

    PickleStack(String source) {
      this.source = source;
    }

    void push(Object value) {
      values.add(value);
    }

    Object pop() {
      if (values.size() <= floor()) {
        throw damaged();
      }
      return values.remove(values.size() - 1);
    }

    <T> T pop(Class<T> type) {
      Object value = pop();
      if (!type.isInstance(value)) {
        throw damaged();
      }
      return type.cast(value);
    }

    Object top() {
      if (values.size() <= floor()) {
        throw damaged();
      }
      return values.get(values.size() - 1);
    }

    private int floor() {
      return marks.isEmpty() ? 0 : marks.peek();
    }

    void mark() {
      marks.push(values.size());
    }

    boolean dropMarkIfEmpty() {
      if (!marks.isEmpty() && marks.peek() == values.size()) {
        marks.pop();
        return true;
      }
      return false;
    }

    /** Takes everything above the last mark, and the mark. */
    List<Object> popToMark() {
      if (marks.isEmpty()) {
        throw damaged();
      }
      List<Object> above = values.subList(marks.pop(), values.size());
      List<Object> taken = new ArrayList<>(above);
      above.clear();
      return taken;
    }

    List<Object> pop(int count) {
      if (values.size() - count < floor()) {
        throw damaged();
      }
      List<Object> top = values.subList(values.size() - count, values.size());
      List<Object> taken = new ArrayList<>(top);
      top.clear();
      return taken;
    }

    void remember(long index) {
      if (index < 0 || index >= MAX_MEMO) {
        throw damaged();
      }
      while (memo.size() <= index) {
        memo.add(null);
      }
      memo.set((int) index, top());
    }

    void rememberNext() {
      remember(memo.size());
    }

    void recall(long index) {
      Object value = index >= 0 && index < memo.size() ? memo.get((int) index) : null;
      if (value == null) {
        throw damaged();
      }
      push(value);
    }

    PalimpsestException damaged() {
      return PickleInput.damaged(source);
    }
  }
}
