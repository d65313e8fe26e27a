package org.palimpsest.io.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Knows, while a method's body is read line by line, which locals are modules. */
final class ModuleScope {

  private static final Pattern ASSIGNMENT =
      Pattern.compile("( *)(\\w+)(?: ?: ([^=]+?))? = (.*\\S)\\s*");
  private static final Pattern CALL = Pattern.compile("\\)\\.(\\w+)\\(");

  private final ScriptLibrary library;
  private final AddedNames names;
  private final Map<String, ModuleReference> locals = new HashMap<>();

  ModuleScope(ScriptLibrary library, AddedNames names, ScriptClass owner, ScriptMethod method) {
    this.library = library;
    this.names = names;
    locals.put(method.self(), new ModuleReference(owner, names.path()));
  }

  /** The calls of modules' methods in a line, in the order of the text. */
  List<ModuleCall> calls(String line) {
    List<ModuleCall> calls = new ArrayList<>();
    String masked = ScriptText.maskLiterals(line);
    Matcher matcher = CALL.matcher(masked);
    while (matcher.find()) {
      int close = matcher.start();
      int open = ScriptText.opening(masked, close);
      if (open > 0 && !ScriptText.isNamePart(line.charAt(open - 1))) {
        ModuleReference receiver = resolve(line.substring(open + 1, close));
        if (receiver != null
            && receiver.type() != null
            && receiver.type().methods().containsKey(matcher.group(1))) {
          calls.add(
              new ModuleCall(
                  receiver.type(),
                  matcher.group(1),
                  receiver.path(),
                  matcher.start(1),
                  matcher.end()));
        }
      }
    }
    return calls;
  }

  /**
   * If the line gives a module a local name: remembers it, and returns the line that must follow,
   * which gives a name to its path.
   */
  @Nullable String remember(String line) {
    Matcher assignment = ASSIGNMENT.matcher(line);
    if (!assignment.matches()) {
      return null;
    }
    ModuleReference value = resolve(assignment.group(4));
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
  private @Nullable ModuleReference resolve(String expression) {
    String text = expression.strip();
    String masked = ScriptText.maskLiterals(text);
    int at;
    ModuleReference module;
    if (masked.startsWith("getattr(")) {
      int close = ScriptText.closing(masked, "getattr".length());
      module = close < 0 ? null : getattr(text.substring("getattr(".length(), close));
      at = close + 1;
    } else if (masked.startsWith("(")) {
      int close = ScriptText.closing(masked, 0);
      module = close < 0 ? null : resolve(text.substring(1, close));
      at = close + 1;
    } else {
      at = endOfName(text, 0);
      module = locals.get(text.substring(0, at));
    }
    return module == null ? null : follow(module, text, masked, at);
  }

  private @Nullable ModuleReference follow(
      ModuleReference start, String text, String masked, int from) {
    ModuleReference module = start;
    int at = from;
    while (module != null && at < text.length()) {
      if (text.charAt(at) == '.') {
        int end = endOfName(text, at + 1);
        module = attribute(module, text.substring(at + 1, end));
        at = end;
      } else if (text.charAt(at) == '[') {
        int close = ScriptText.closing(masked, at);
        module = close < 0 ? null : element(module, text.substring(at + 1, close));
        at = close + 1;
      } else {
        return null;
      }
    }
    return module;
  }

  private @Nullable ModuleReference getattr(String arguments) {
    List<String> parts = ScriptText.splitAtCommas(arguments);
    if (parts.size() != 2 || parts.get(1).length() < 2) {
      return null;
    }
    ModuleReference owner = resolve(parts.get(0));
    String literal = parts.get(1);
    return owner == null ? null : attribute(owner, literal.substring(1, literal.length() - 1));
  }

  private @Nullable ModuleReference attribute(ModuleReference owner, String name) {
    ScriptClass type =
        owner.type() == null ? null : library.findModule(owner.type().attributes().get(name));
    return type == null
        ? null
        : new ModuleReference(type, "torch.add(%s, \".%s\")".formatted(owner.path(), name));
  }

  private static ModuleReference element(ModuleReference owner, String index) {
    return new ModuleReference(
        null, "torch.format(\"{}.{}\", %s, %s)".formatted(owner.path(), index));
  }

  private static int endOfName(String text, int from) {
    int end = from;
    while (end < text.length() && ScriptText.isNamePart(text.charAt(end))) {
      end++;
    }
    return end;
  }
}
