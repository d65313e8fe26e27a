package org.palimpsest.io.torchscript;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/**
 * Finds classes, attributes and methods in a file of TorchScript's own making.
 *
 * <p>Such files are regular: classes stand at column 0, their members at 2, the bodies of methods
 * at 4; only the headers of methods span several lines.
 */
final class SourceParser {

  private static final int MEMBER = 2;
  private static final Pattern CLASS = Pattern.compile("class (\\w+)(?:\\((\\w*)\\))?:\\s*");
  private static final Pattern ATTRIBUTE = Pattern.compile("  (\\w+) : (.+)");
  private static final Pattern ODD_ATTRIBUTE =
      Pattern.compile("  __annotations__\\[\"([^\"]+)\"] = (.+)");
  private static final Pattern PARAMETERS = Pattern.compile("  __parameters__ = \\[(.*)\\]\\s*");
  private static final Pattern METHOD = Pattern.compile("  def (\\w+)\\(.*");

  private final String entry;
  private final String qualifier;
  private final List<String> lines;
  private int at;

  private SourceParser(String entry, String qualifier, List<String> lines) {
    this.entry = entry;
    this.qualifier = qualifier;
    this.lines = lines;
  }

  /**
   * @param entry the file's name in the archive
   * @param qualifier what precedes the names of its classes, such as {@code __torch__.unet}
   * @param text its content
   */
  static SourceFile parse(String entry, String qualifier, String text) {
    List<String> lines = text.lines().toList();
    return new SourceFile(entry, lines, new SourceParser(entry, qualifier, lines).classes());
  }

  private List<ScriptClass> classes() {
    List<ScriptClass> classes = new ArrayList<>();
    while (at < lines.size()) {
      Matcher header = CLASS.matcher(lines.get(at));
      at++;
      if (header.matches()) {
        String base = header.group(2) == null ? "" : header.group(2);
        classes.add(members(qualifier + "." + header.group(1), base));
      }
    }
    return classes;
  }

  private ScriptClass members(String name, String base) {
    Set<String> parameters = new HashSet<>();
    Map<String, ScriptType> attributes = new LinkedHashMap<>();
    Map<String, ScriptMethod> methods = new LinkedHashMap<>();
    while (at < lines.size() && belongsTo(MEMBER, lines.get(at))) {
      String line = lines.get(at);
      Matcher attribute = ATTRIBUTE.matcher(line);
      Matcher trained = PARAMETERS.matcher(line);
      Matcher odd = ODD_ATTRIBUTE.matcher(line);
      if (METHOD.matcher(line).matches()) {
        ScriptMethod method = method();
        methods.put(method.name(), method);
      } else {
        if (attribute.matches()) {
          attributes.put(attribute.group(1), ScriptType.parse(attribute.group(2)));
        } else if (odd.matches()) {
          attributes.put(odd.group(1), ScriptType.parse(odd.group(2)));
        } else if (trained.matches()) {
          ScriptText.splitAtCommas(trained.group(1)).forEach(one -> parameters.add(unquoted(one)));
        }
        at++;
      }
    }
    return new ScriptClass(name, base, parameters, attributes, methods);
  }

  private static String unquoted(String literal) {
    return literal.length() < 2 ? literal : literal.substring(1, literal.length() - 1);
  }

  private ScriptMethod method() {
    int start = at;
    String header = header();
    String masked = ScriptText.maskLiterals(header);
    int open = masked.indexOf('(');
    int close = ScriptText.closing(masked, open);
    List<String> parameters = ScriptText.splitAtCommas(header.substring(open + 1, close));
    int arrow = masked.indexOf("->", close);
    if (arrow < 0 || parameters.isEmpty()) {
      throw unreadable(start);
    }
    String returns = header.substring(arrow + 2, header.length() - 1).strip();
    List<String> body = new ArrayList<>();
    while (at < lines.size() && belongsTo(MEMBER + 1, lines.get(at))) {
      body.add(lines.get(at));
      at++;
    }
    String name = header.substring(header.indexOf("def ") + "def ".length(), open);
    return new ScriptMethod(name, parameters, returns, body, at);
  }

  private String header() {
    int start = at;
    StringBuilder header = new StringBuilder();
    while (at < lines.size()) {
      header.append(lines.get(at).strip()).append(' ');
      at++;
      String whole = header.toString().strip();
      String masked = ScriptText.maskLiterals(whole);
      if (masked.endsWith(":") && ScriptText.depth(masked) == 0) {
        return whole;
      }
    }
    throw unreadable(start);
  }

  private static boolean belongsTo(int indentation, String line) {
    return line.isBlank() || ScriptText.indentation(line) >= indentation;
  }

  private PalimpsestException unreadable(int line) {
    return new PalimpsestException(
        "%s, line %d: not the code that torch.jit writes: %s"
            .formatted(entry, line + 1, lines.get(line).strip()));
  }
}
