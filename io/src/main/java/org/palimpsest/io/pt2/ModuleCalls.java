package org.palimpsest.io.pt2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.capture.RunNames;

/**
 * Which calls of modules the nodes of a program belong to, as their {@code nn_module_stack} tells.
 *
 * <p>Since PyTorch 2.6 the key of an entry tells a second call of a module from the first. Before,
 * both have the same entry, and a new call begins where the node before was not in it.
 */
final class ModuleCalls {

  private static final Pattern OLD_ENTRY = Pattern.compile("(.*?):\\((.*)\\)", Pattern.DOTALL);
  private static final Pattern GETATTR = Pattern.compile("getattr\\(([^()]*), '([^']*)'\\)");
  private static final Pattern SELF = Pattern.compile("^L\\['self'\\]\\.?");
  private static final Pattern INDEX = Pattern.compile("\\[['\"]?([^\\]'\"]*)['\"]?\\]");
  private static final int LONGEST_STACK = 1 << 16;

  /** One entry of a stack. */
  private record Entry(String key, String path) {}

  private final boolean keysTellCalls;
  private final RunNames names = new RunNames();
  private final Map<Entry, String> current = new HashMap<>();
  private final Map<String, List<Integer>> nodes = new LinkedHashMap<>();
  private List<Entry> before = List.of();

  ModuleCalls(boolean keysTellCalls) {
    this.keysTellCalls = keysTellCalls;
  }

  /**
   * Takes the next node whose result is a tensor.
   *
   * @param node its number
   */
  void add(int node, String stack) {
    if (stack.isEmpty() || stack.length() > LONGEST_STACK) {
      return;
    }
    List<Entry> entries = entries(stack);
    boolean same = true;
    for (int depth = 0; depth < entries.size(); depth++) {
      Entry entry = entries.get(depth);
      same = same && depth < before.size() && before.get(depth).equals(entry);
      String call = current.get(entry);
      if (call == null || !keysTellCalls && !same) {
        call = names.next(entry.path());
        current.put(entry, call);
      }
      nodes.computeIfAbsent(call, c -> new ArrayList<>()).add(node);
    }
    before = entries;
  }

  /** The nodes of each call, by its name, calls in the order in which they begin. */
  Map<String, List<Integer>> nodes() {
    return nodes;
  }

  /** The path of the innermost module of a stack, if there is one. */
  static @Nullable String innermost(String stack) {
    List<Entry> entries = stack.length() > LONGEST_STACK ? List.of() : entries(stack);
    return entries.isEmpty() ? null : entries.get(entries.size() - 1).path();
  }

  /**
   * The entries below the network itself; a module within itself (a parametrised one) counts once.
   */
  private static List<Entry> entries(String stack) {
    List<Entry> found = new ArrayList<>();
    for (String part : split(stack, ';')) {
      Matcher old = OLD_ENTRY.matcher(part);
      List<String> bits = new ArrayList<>();
      if (old.matches()) {
        bits.add(old.group(1));
        bits.addAll(split(old.group(2), ','));
      } else {
        bits.addAll(split(part, ','));
      }
      if (bits.size() > 1) {
        String path = Union.shown(dotted(bits.get(1).strip()));
        if (!path.isEmpty() && found.stream().noneMatch(e -> e.path().equals(path))) {
          found.add(new Entry(bits.get(0), path));
        }
      }
    }
    return found;
  }

  /** {@code getattr(L['self'].enc1.block, '0')} is {@code enc1.block.0}. */
  private static String dotted(String expression) {
    String path = expression;
    for (Matcher m = GETATTR.matcher(path); m.find(); m = GETATTR.matcher(path)) {
      path = path.substring(0, m.start()) + m.group(1) + "." + m.group(2) + path.substring(m.end());
    }
    if (path.startsWith("L[")) {
      path = INDEX.matcher(SELF.matcher(path).replaceFirst("")).replaceAll(".$1");
    }
    return path.startsWith(".") ? path.substring(1) : path;
  }

  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(' || c == '[') {
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
}
