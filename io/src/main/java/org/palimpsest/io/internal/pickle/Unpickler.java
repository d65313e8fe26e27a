package org.palimpsest.io.internal.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final int LONGEST_NUMBER = 18;
  private static final Set<String> DICTIONARIES =
      Set.of("builtins.dict", "__builtin__.dict", "collections.OrderedDict", "collections.Counter");
  private static final String DEFAULT_DICTIONARY = "collections.defaultdict";

  private static final Pattern RAW_ESCAPE =
      Pattern.compile("\\\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})");
  private static final Pattern QUOTED_ESCAPE =
      Pattern.compile("\\\\(x[0-9a-fA-F]{2}|.)", Pattern.DOTALL);

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
      case 0x8a -> stack.push(littleEndian(in.bytes(in.unsignedByte())));
      case 0x8b -> stack.push(littleEndian(in.bytes(in.unsignedInt())));
      case 'G' -> stack.push(in.bigEndianDouble());
      case 'I' -> stack.push(decimal(in.line()));
      case 'L' -> stack.push(decimal(in.line().replace("L", "")));
      case 'F' -> stack.push(floating(in.line()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static Object littleEndian(byte[] bytes) {
    if (bytes.length > Long.BYTES) {
      return new Opaque("int");
    }
    long value = bytes.length > 0 && bytes[bytes.length - 1] < 0 ? -1 : 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << Byte.SIZE | bytes[i] & 0xff;
    }
    return value;
  }

  private Object decimal(String line) {
    if (line.equals("00") || line.equals("01")) {
      return line.equals("01");
    }
    if (line.length() > LONGEST_NUMBER) {
      return new Opaque("int");
    }
    try {
      return Long.parseLong(line);
    } catch (NumberFormatException e) {
      throw stack.damaged();
    }
  }

  private Object floating(String line) {
    try {
      return Double.parseDouble(line);
    } catch (NumberFormatException e) {
      return new Opaque("float");
    }
  }

  private boolean text(int opcode) throws IOException {
    switch (opcode) {
      case 'X' -> stack.push(in.text(in.unsignedInt()));
      case 0x8c, 'U' -> stack.push(in.text(in.unsignedByte()));
      case 0x8d -> stack.push(in.text(in.signedLong()));
      case 'T' -> stack.push(in.text(in.signedInt()));
      case 'V' -> stack.push(unescaped(in.line(), false));
      case 'S' -> stack.push(unquoted(in.line()));
      case 'B' -> stack.push(in.bytes(in.unsignedInt()));
      case 'C' -> stack.push(in.bytes(in.unsignedByte()));
      case 0x8e, 0x96 -> stack.push(in.bytes(in.signedLong()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private String unquoted(String line) {
    if (line.length() < 2 || line.charAt(0) != line.charAt(line.length() - 1)) {
      throw stack.damaged();
    }
    return unescaped(line.substring(1, line.length() - 1), true);
  }

  /** Text of protocol 0, where what is not ASCII is written by number. */
  private String unescaped(String text, boolean quoted) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    Matcher escape = (quoted ? QUOTED_ESCAPE : RAW_ESCAPE).matcher(text);
    return escape.replaceAll(found -> Matcher.quoteReplacement(escaped(found.group(1))));
  }

  private String escaped(String code) {
    return switch (code.charAt(0)) {
      case 'n' -> "\n";
      case 'r' -> "\r";
      case 't' -> "\t";
      case 'x', 'u', 'U' -> {
        int point = (int) Long.parseLong(code.substring(1), 16);
        if (!Character.isValidCodePoint(point)) {
          throw stack.damaged();
        }
        yield Character.toString(point);
      }
      default -> code;
    };
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
    return decimal(line) instanceof Long index ? index : -1;
  }

  private void object(int opcode) throws IOException {
    switch (opcode) {
      case 'c' -> stack.push(global(utf8(in.line()), utf8(in.line())));
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
        Global type = global(utf8(in.line()), utf8(in.line()));
        stack.push(made(type, stack.popToMark()));
      }
      case 'o' -> {
        List<Object> parts = stack.popToMark();
        if (parts.isEmpty()) {
          throw stack.damaged();
        }
        stack.push(made(parts.get(0), parts.subList(1, parts.size())));
      }
      case 'b' -> build(stack.pop());
      case 'Q' -> stack.push(factory.load(stack.pop()));
      case 'P' -> stack.push(factory.load(in.line()));
      default ->
          throw new PalimpsestException(
              "%s holds a pickle with the unknown step 0x%02x: it is damaged."
                  .formatted(source, opcode));
    }
  }

  private static String utf8(String line) {
    return new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private Global global(String module, String name) {
    Global global = GlobalPolicy.check(new Global(module, name), source);
    factory.named(global);
    return global;
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
    if (GlobalPolicy.isBuiltin(global) && global.name().equals("getattr")) {
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
}
