package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.torchscript.TwinWriter.ModuleCall;

/** Knows, while a method's body is read line by line, which locals are modules. */
final class ModuleScope {

  private static final Pattern ASSIGNMENT =
      Pattern.compile("( *+)(\\w++)(?: ?: ([^=]++)| )= (.*\\S)\\s*+", Pattern.DOTALL);
  private static final Pattern CALL = Pattern.compile("\\)\\.(\\w++)\\(");
  private static final Pattern FUNCTION = Pattern.compile("(?<![\\w.])([\\w.]++)\\(");
  private static final Pattern ALIAS = Pattern.compile(" *+(\\w++) = (__torch__[\\w.]++)\\s*+");
  private static final String GETATTR = "getattr(";

  /** Written paths are parsed by libtorch, which recurses; real ones have about a dozen steps. */
  private static final int LONGEST_PATH = 8192;

  private static final int MOST_SHOWN = 80;

  private final ScriptLibrary library;
  private final AddedNames names;
  private final Map<String, ModuleReference> locals = new HashMap<>();
  private final Map<String, String> functions = new HashMap<>();

  ModuleScope(ScriptLibrary library, AddedNames names, ScriptClass owner, ScriptMethod method) {
    this.library = library;
    this.names = names;
    locals.put(method.self(), new ModuleReference(owner, names.path()));
  }

  /** The calls of modules' methods in a line, in the order of the text. */
  List<ModuleCall> calls(String text) {
    ScriptLine line = ScriptLine.of(text);
    List<ModuleCall> calls = new ArrayList<>();
    Matcher matcher = CALL.matcher(line.masked());
    while (matcher.find()) {
      int close = matcher.start();
      int open = line.partner(close);
      if (open > 0 && !ScriptText.isNamePart(line.at(open - 1))) {
        ModuleReference receiver = resolve(line, open + 1, close);
        String method = matcher.group(1);
        if (receiver != null && receiver.has(method)) {
          calls.add(receiver.call(method, "", matcher.start(1), matcher.end()));
        }
      }
    }
    addHooks(line, calls);
    calls.sort(Comparator.comparingInt(ModuleCall::start));
    return calls;
  }

  /** Hooks are methods that are called as functions: {@code __torch__.Net.hook(net, x, )}. */
  private void addHooks(ScriptLine line, List<ModuleCall> calls) {
    Matcher matcher = FUNCTION.matcher(line.masked());
    while (matcher.find()) {
      String callee = functions.getOrDefault(matcher.group(1), matcher.group(1));
      int dot = callee.lastIndexOf('.');
      ScriptClass type = dot < 0 ? null : library.find(callee.substring(0, dot));
      int open = matcher.end() - 1;
      int comma = line.comma(open + 1, Math.max(open + 1, line.partner(open)));
      if (type == null || !type.isModule() || comma < 0) {
        continue;
      }
      ModuleReference receiver = resolve(line, open + 1, comma);
      String method = callee.substring(dot + 1);
      if (receiver != null && receiver.has(method)) {
        String written = "(" + line.text().substring(open + 1, comma).strip() + ").";
        calls.add(receiver.call(method, written, matcher.start(), comma + 1));
      }
    }
  }

  /**
   * If the line gives a module a local name: remembers it, and returns the line that must follow,
   * which gives a name to its path.
   */
  @Nullable String remember(String line) {
    Matcher alias = ALIAS.matcher(line);
    if (alias.matches()) {
      functions.put(alias.group(1), alias.group(2));
      return null;
    }
    Matcher assignment = ASSIGNMENT.matcher(line);
    if (!assignment.matches()) {
      return null;
    }
    ScriptLine expression = ScriptLine.of(assignment.group(4));
    ModuleReference value = resolve(expression, 0, expression.length());
    String declared = assignment.group(3);
    if (value == null) {
      return null;
    }
    ScriptClass type =
        declared == null ? value.type() : library.findModule(ScriptType.parse(declared));
    if (type == null) {
      return null;
    }
    String local = assignment.group(2);
    locals.put(local, new ModuleReference(type, names.pathOf(local)));
    return assignment.group(1) + names.pathOf(local) + " = " + value.path();
  }

  /** The module that a chain of names, attributes and indices stands for, if it is one. */
  private @Nullable ModuleReference resolve(ScriptLine line, int begin, int end) {
    int from = begin;
    int to = end;
    while (from < to && line.at(from) == ' ') {
      from++;
    }
    while (to > from && line.at(to - 1) == ' ') {
      to--;
    }
    int after;
    ModuleReference module;
    if (line.masked().startsWith(GETATTR, from)) {
      int open = from + GETATTR.length() - 1;
      after = line.partner(open) + 1;
      module = after > open && after <= to ? getattr(line, open + 1, after - 1) : null;
    } else if (from < to && line.at(from) == '(') {
      after = line.partner(from) + 1;
      module = after > from && after <= to ? resolve(line, from + 1, after - 1) : null;
    } else {
      after = line.endOfName(from, to);
      module = locals.get(line.text().substring(from, after));
    }
    return module == null ? null : follow(module, line, after, to);
  }

  private @Nullable ModuleReference follow(
      ModuleReference start, ScriptLine line, int from, int to) {
    ModuleReference module = start;
    int at = from;
    while (module != null && at < to) {
      if (line.at(at) == '.') {
        int end = line.endOfName(at + 1, to);
        module = attribute(module, line.text().substring(at + 1, end));
        at = end;
      } else if (line.at(at) == '[') {
        int close = line.partner(at);
        module = close < 0 ? null : element(module, line.text().substring(at + 1, close));
        at = close + 1;
      } else {
        return null;
      }
    }
    return module;
  }

  private @Nullable ModuleReference getattr(ScriptLine line, int from, int to) {
    int comma = line.comma(from, to);
    String literal = comma < 0 ? "" : line.text().substring(comma + 1, to).strip();
    if (literal.length() < 2) {
      return null;
    }
    ModuleReference owner = resolve(line, from, comma);
    return owner == null ? null : attribute(owner, named(literal));
  }

  private static String named(String literal) {
    return ScriptText.unquoted(literal.substring(1, literal.length() - 1))
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "Its code calls a module %s, which PyTorch itself cannot read back: so it writes names with letters beyond ASCII or control characters. Rename the module and save the network again."
                        .formatted(literal)));
  }

  private @Nullable ModuleReference attribute(ModuleReference owner, String name) {
    ScriptClass type =
        owner.type() == null ? null : library.findModule(owner.type().attributes().get(name));
    return type == null
        ? null
        : bounded(type, "torch.add(%s, \".%s\")", owner.path(), LayerNames.spelt(name));
  }

  private static ModuleReference element(ModuleReference owner, String index) {
    return bounded(null, "torch.format(\"{}.{}\", %s, %s)", owner.path(), index);
  }

  private static ModuleReference bounded(
      @Nullable ScriptClass type, String form, String path, String step) {
    String longer = form.formatted(path, step);
    if (longer.length() > LONGEST_PATH) {
      throw new PalimpsestException(
          "Its code names a module by a chain of attributes of more than %s characters, which no network needs. It ends with '%s'."
              .formatted(LONGEST_PATH, step.substring(0, Math.min(MOST_SHOWN, step.length()))));
    }
    return new ModuleReference(type, longer);
  }

  /**
   * A module that an expression stands for.
   *
   * @param type its class, unless the code does not tell (an element of a list, chosen at run time)
   * @param path an expression for its path
   */
  private record ModuleReference(@Nullable ScriptClass type, String path) {

    boolean has(String method) {
      return type != null && type.methods().containsKey(method);
    }

    /** A call of one of its methods, see {@link ModuleCall}. */
    ModuleCall call(String method, String receiver, int start, int end) {
      return new ModuleCall(
          Objects.requireNonNull(type, "its methods are known"),
          method,
          path,
          receiver,
          start,
          end);
    }
  }
}
