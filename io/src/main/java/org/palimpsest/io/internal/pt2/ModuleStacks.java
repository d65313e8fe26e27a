package org.palimpsest.io.internal.pt2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.pt2.ExportedProgram.Union;

/**
 * Reads the {@code nn_module_stack} of nodes: the modules that a node is in, the outermost first.
 *
 * <p>It is one text, {@code key,path,class;key,path,class}. A path is written as it is, separators
 * and all, or as the Python expression that leads to the module: {@code
 * getattr(L['self'].enc1.block, '0')}.
 */
final class ModuleStacks {

  /**
   * One entry of a stack.
   *
   * @param type the module's class
   */
  record Entry(String key, String path, String type) {}

  private static final Pattern OLD_ENTRY = Pattern.compile("(.*?):\\((.*)\\)", Pattern.DOTALL);
  private static final Pattern PLAIN = Pattern.compile("[\\w.@<>]*+");
  private static final Pattern NUMBER_OF_CALL = Pattern.compile("@\\d++$");
  private static final Pattern NUMBER = Pattern.compile("\\d++");
  private static final Pattern NO_LETTER = Pattern.compile("[^\\p{L}\\p{N}]");

  /** What stands for the network: the first parameter of its forward, which need not be self. */
  private static final Pattern NETWORK = Pattern.compile("L__\\w+?__");

  /** What PyTorch 2.15 writes of sizes that it looks up between the modules. */
  private static final String NO_MODULE = "_empty_nn_module_stack_from_metadata_hook";

  private static final int LONGEST = 1 << 20;
  private static final int DEEPEST = 1000;

  private final String file;
  private final Map<String, List<Entry>> known = new HashMap<>();

  ModuleStacks(String file) {
    this.file = file;
  }

  /** The innermost module of a stack, if there is one. */
  Optional<Entry> innermost(String stack) {
    List<Entry> entries = entries(stack);
    return entries.isEmpty() ? Optional.empty() : Optional.of(entries.get(entries.size() - 1));
  }

  /**
   * The entries below the network itself; a module within itself (a parametrised one) counts once.
   *
   * @throws PalimpsestException if it cannot be told which modules are meant
   */
  List<Entry> entries(String stack) {
    return known.computeIfAbsent(stack, this::read);
  }

  private List<Entry> read(String stack) {
    if (stack.isEmpty() || stack.startsWith(NO_MODULE)) {
      return List.of();
    }
    if (stack.length() > LONGEST) {
      throw unclear(stack);
    }
    List<Entry> all = Expression.isExpression(stack) ? expressions(stack) : plain(stack);
    Map<String, Entry> below = new LinkedHashMap<>();
    for (Entry entry : all) {
      if (!entry.path().isEmpty()) {
        below.putIfAbsent(entry.path(), entry);
      }
    }
    if (below.size() > DEEPEST) {
      throw unclear(stack);
    }
    return List.copyOf(below.values());
  }

  private PalimpsestException unclear(String stack) {
    return new PalimpsestException(
        "%s does not tell clearly in which module one of its operators runs: %s. Rename modules that have commas, semicolons or brackets in their names, and export the network again."
            .formatted(file, Union.shown(stack)));
  }

  private List<Entry> expressions(String stack) {
    List<Entry> entries = new ArrayList<>();
    for (String part : Expression.split(stack, ';')) {
      Matcher old = OLD_ENTRY.matcher(part);
      List<String> fields = new ArrayList<>();
      if (old.matches()) {
        fields.add(old.group(1));
        fields.addAll(Expression.split(old.group(2), ','));
      } else {
        fields.addAll(Expression.split(part, ','));
      }
      if (fields.size() != 3) {
        throw unclear(stack);
      }
      String path = Expression.of(fields.get(1).strip()).orElseThrow(() -> unclear(stack));
      entries.add(new Entry(fields.get(0), path, fields.get(2).strip()));
    }
    return entries;
  }

  /** A part between semicolons that is no entry goes on after the next one. */
  private List<Entry> plain(String stack) {
    List<Entry> entries = new ArrayList<>();
    String begun = "";
    for (String part : stack.split(";", -1)) {
      String whole = begun.isEmpty() ? part : begun + ";" + part;
      Optional<Entry> entry = entry(whole);
      entry.ifPresent(entries::add);
      begun = entry.isPresent() ? "" : whole;
    }
    if (!begun.isEmpty()) {
      throw unclear(stack);
    }
    return entries;
  }

  /** Key and path say the same in two ways, so that a comma within them can be told. */
  private static Optional<Entry> entry(String text) {
    String[] fields = text.split(",", -1);
    if (fields.length == 3
        && fields[2].indexOf('.') > 0
        && PLAIN.matcher(fields[0] + fields[1] + fields[2]).matches()) {
      return Optional.of(new Entry(fields[0], fields[1], fields[2]));
    }
    int last = text.lastIndexOf(',');
    for (int comma = text.indexOf(','); comma >= 0 && comma < last; ) {
      String key = text.substring(0, comma);
      String path = text.substring(comma + 1, last);
      if (agree(key, path)) {
        return Optional.of(new Entry(key, path, text.substring(last + 1)));
      }
      comma = text.indexOf(',', comma + 1);
    }
    return Optional.empty();
  }

  private static boolean agree(String key, String path) {
    String place = NUMBER_OF_CALL.matcher(key).replaceFirst("");
    if (NUMBER.matcher(place).matches()) {
      return true;
    }
    Matcher network = NETWORK.matcher(place);
    return network.lookingAt() && letters(place.substring(network.end())).equals(letters(path));
  }

  private static String letters(String text) {
    String letters = NO_LETTER.matcher(text).replaceAll("_");
    return letters.startsWith("_") ? letters.substring(1) : letters;
  }

  /**
   * Reads the Python expression that leads from the network to a module: {@code
   * getattr(L['self'].enc1.block, '0')} is {@code enc1.block.0}.
   */
  private static final class Expression {

    /** The first parameter of the network's forward, which need not be called self. */
    private static final Pattern NETWORK = Pattern.compile("L\\['[\\p{L}_][\\p{L}\\p{N}_]*'\\]");

    private static final String GETATTR = "getattr(";
    private static final String MODULES = "_modules";
    private static final Pattern ESCAPE =
        Pattern.compile("\\\\(?:[nrt'\"\\\\]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})");
    private static final Pattern ODD_ESCAPE =
        Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*+\\\\[^nrtxuU'\"\\\\]");
    private static final int DEEPEST = 200;

    private final String text;
    private int at;

    private Expression(String text) {
      this.text = text;
    }

    /** The path, its steps joined by dots; nothing if it is no such expression. */
    static Optional<String> of(String expression) {
      if (!isExpression(expression)) {
        return Optional.of(expression);
      }
      Expression path = new Expression(expression);
      List<String> steps = new ArrayList<>();
      boolean read = path.read(steps, 0) && path.at == expression.length();
      return read ? Optional.of(String.join(".", steps)) : Optional.empty();
    }

    /** Whether a text holds such an expression. */
    static boolean isExpression(String text) {
      return NETWORK.matcher(text).find();
    }

    /** The parts between separators that stand outside of all brackets and literals. */
    static List<String> split(String text, char separator) {
      List<String> parts = new ArrayList<>();
      int depth = 0;
      int from = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (depth > 0 && (c == '\'' || c == '"')) {
          i = endOfLiteral(text, i) - 1;
        } else if (c == '(' || c == '[') {
          depth++;
        } else if (c == ')' || c == ']') {
          depth--;
        } else if (c == separator && depth == 0) {
          parts.add(text.substring(from, i));
          from = i + 1;
        }
      }
      parts.add(text.substring(from));
      return parts;
    }

    /** The index after the literal that begins here. */
    private static int endOfLiteral(String text, int begin) {
      int i = begin + 1;
      while (i < text.length() && text.charAt(i) != text.charAt(begin)) {
        i += text.charAt(i) == '\\' ? 2 : 1;
      }
      return Math.min(i + 1, text.length());
    }

    private boolean read(List<String> steps, int depth) {
      if (depth > DEEPEST) {
        return false;
      }
      if (take(GETATTR)) {
        boolean attribute = read(steps, depth + 1) && take(", ") && literal(steps) && take(")");
        return attribute && more(steps);
      }
      Matcher network = NETWORK.matcher(text).region(at, text.length());
      if (!network.lookingAt()) {
        return false;
      }
      at = network.end();
      return more(steps);
    }

    /** Attributes and indices that follow. */
    private boolean more(List<String> steps) {
      boolean sound = true;
      while (sound && at < text.length() && (text.charAt(at) == '.' || text.charAt(at) == '[')) {
        if (take("[")) {
          if (!steps.isEmpty() && steps.get(steps.size() - 1).equals(MODULES)) {
            steps.remove(steps.size() - 1);
          }
          sound = (literal(steps) || word(steps)) && take("]");
        } else {
          at++;
          sound = word(steps);
        }
      }
      return sound;
    }

    private boolean take(String expected) {
      boolean there = text.startsWith(expected, at);
      at += there ? expected.length() : 0;
      return there;
    }

    private boolean word(List<String> steps) {
      int from = at;
      while (at < text.length()
          && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
        at++;
      }
      steps.add(text.substring(from, at));
      return at > from;
    }

    /** A string as Python's repr writes it. */
    private boolean literal(List<String> steps) {
      if (at >= text.length() || text.charAt(at) != '\'' && text.charAt(at) != '"') {
        return false;
      }
      int end = endOfLiteral(text, at);
      Optional<String> step = unescaped(text.substring(at + 1, Math.max(at + 1, end - 1)));
      at = end;
      step.ifPresent(steps::add);
      return step.isPresent();
    }

    private static Optional<String> unescaped(String content) {
      StringBuilder plain = new StringBuilder();
      Matcher escape = ESCAPE.matcher(content);
      int from = 0;
      while (escape.find()) {
        plain.append(content, from, escape.start());
        char kind = content.charAt(escape.start() + 1);
        switch (kind) {
          case 'n' -> plain.append('\n');
          case 'r' -> plain.append('\r');
          case 't' -> plain.append('\t');
          case 'x', 'u', 'U' -> {
            int letter = Integer.parseUnsignedInt(escape.group().substring(2), 16);
            if (!Character.isValidCodePoint(letter)) {
              return Optional.empty();
            }
            plain.appendCodePoint(letter);
          }
          default -> plain.append(kind);
        }
        from = escape.end();
      }
      plain.append(content.substring(from));
      return plain.indexOf("\\") >= 0 && ODD_ESCAPE.matcher(content).find()
          ? Optional.empty()
          : Optional.of(plain.toString());
    }
  }

  /**
   * Which calls of modules the nodes of a program belong to, as their {@code nn_module_stack}
   * tells.
   *
   * <p>Since PyTorch 2.6 the key of an entry tells a second call of a module from the first.
   * Before, both have the same entry, and a new call begins where the node before was not in it.
   */
  static final class Calls {

    /** The first, second … call of a module of a class. */
    record Call(String path, int number, String type) {

      /** What its layer is called. */
      String name() {
        return number == 1 ? path : path + "#" + number;
      }
    }

    private final boolean keysTellCalls;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<Entry, Call> current = new HashMap<>();
    private final Map<Call, List<Integer>> nodes = new LinkedHashMap<>();
    private List<Entry> before = List.of();

    Calls(boolean keysTellCalls) {
      this.keysTellCalls = keysTellCalls;
    }

    /**
     * Takes the next node whose result is a tensor.
     *
     * @param node its number
     * @param entries its stack; nothing where it has none
     */
    void add(int node, List<Entry> entries) {
      if (entries.isEmpty()) {
        return;
      }
      boolean same = true;
      for (int depth = 0; depth < entries.size(); depth++) {
        Entry entry = entries.get(depth);
        same = same && depth < before.size() && before.get(depth).equals(entry);
        Call call = current.get(entry);
        if (call == null || !keysTellCalls && !same) {
          int number = numbers.merge(entry.path(), 1, Integer::sum);
          call = new Call(entry.path(), number, entry.type());
          current.put(entry, call);
        }
        nodes.computeIfAbsent(call, c -> new ArrayList<>()).add(node);
      }
      before = entries;
    }

    /** The nodes of each call, calls in the order in which they begin. */
    Map<Call, List<Integer>> nodes() {
      return nodes;
    }
  }
}
