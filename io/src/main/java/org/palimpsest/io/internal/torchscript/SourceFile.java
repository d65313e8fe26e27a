package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/**
 * One file of an archive's code.
 *
 * @param entry its name in the archive
 * @param lines its text
 * @param classes the classes in it
 */
record SourceFile(String entry, List<String> lines, List<ScriptClass> classes) {

  SourceFile {
    lines = List.copyOf(lines);
    classes = List.copyOf(classes);
  }

  boolean mentions(String text) {
    return lines.stream().anyMatch(line -> line.contains(text));
  }

  /**
   * Finds classes, attributes and methods in a file of TorchScript's own making.
   *
   * <p>Such files are regular: classes stand at column 0, their members at 2, the bodies of methods
   * at 4; only the headers of methods span several lines.
   */
  static final class SourceParser {

    private static final int MEMBER = 2;
    private static final int MOST_SHOWN = 80;

    /** PyTorch breaks lines at 80 characters where it can; what cannot be broken are lists. */
    private static final int LONGEST_LINE = 1 << 20;

    private static final Pattern CLASS = Pattern.compile("class (\\w++)(?:\\((\\w*+)\\))?+:\\s*+");
    private static final Pattern ATTRIBUTE = Pattern.compile("  (\\w++) : (.++)");
    private static final Pattern ODD_ATTRIBUTE =
        Pattern.compile("  __annotations__\\[\"((?:[^\"\\\\]|\\\\.)++)\"] = (.++)");
    private static final List<String> ODD_BEGINNINGS =
        List.of("  __annotations__[", "  __parameters__ =");
    private static final Pattern NAMES =
        Pattern.compile("  __(parameters|forward_hooks|forward_pre_hooks)__ = \\[(.*)\\]\\s*+");
    private static final Pattern METHOD = Pattern.compile("  def \\w++\\(");

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
      List<String> lines = List.of(text.split("\n"));
      SourceParser parser = new SourceParser(entry, qualifier, lines);
      parser.requireBounded();
      return new SourceFile(entry, lines, parser.classes());
    }

    private void requireBounded() {
      ScriptDepth depth = new ScriptDepth();
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        boolean bounded = line.length() <= LONGEST_LINE && depth.isBoundedWith(line);
        if (!bounded) {
          throw new PalimpsestException(
              "%s, line %s: no code that torch.jit writes is so long or nested so deeply; a line may have %s characters, and %s. It begins: %s"
                  .formatted(entry, i + 1, LONGEST_LINE, ScriptDepth.BOUNDS, beginning(line)));
        }
      }
    }

    private static String beginning(String line) {
      String text = line.strip();
      return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + " …" : text;
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
      Map<String, List<String>> named = new HashMap<>();
      Map<String, ScriptType> attributes = new LinkedHashMap<>();
      Map<String, ScriptMethod> methods = new LinkedHashMap<>();
      while (at < lines.size() && belongsTo(MEMBER, lines.get(at))) {
        String line = lines.get(at);
        Matcher attribute = ATTRIBUTE.matcher(line);
        Matcher names = NAMES.matcher(line);
        Matcher odd = ODD_ATTRIBUTE.matcher(line);
        if (METHOD.matcher(line).lookingAt()) {
          ScriptMethod method = method();
          methods.put(method.name(), method);
        } else {
          if (attribute.matches()) {
            attributes.put(attribute.group(1), ScriptType.parse(attribute.group(2)));
          } else if (odd.matches()) {
            attributes.put(
                ScriptText.unquoted(odd.group(1)).orElseThrow(() -> oddName(line)),
                ScriptType.parse(odd.group(2)));
          } else if (names.matches()) {
            named.put(names.group(1), unquotedAll(names.group(2)));
          } else if (ODD_BEGINNINGS.stream().anyMatch(line::startsWith)) {
            throw oddName(line);
          }
          at++;
        }
      }
      return new ScriptClass(
          name,
          base,
          Set.copyOf(named.getOrDefault("parameters", List.of())),
          named.getOrDefault("forward_pre_hooks", List.of()),
          named.getOrDefault("forward_hooks", List.of()),
          attributes,
          methods,
          at);
    }

    private static List<String> unquotedAll(String literals) {
      return ScriptText.splitAtCommas(literals).stream().map(SourceParser::unquoted).toList();
    }

    private static String unquoted(String literal) {
      return literal.length() < 2 ? literal : literal.substring(1, literal.length() - 1);
    }

    private ScriptMethod method() {
      int start = at;
      ScriptLine line = ScriptLine.of(header());
      String header = line.text();
      int open = line.masked().indexOf('(');
      int close = line.partner(open);
      if (close < 0) {
        throw unreadable(start);
      }
      List<String> parameters = ScriptText.splitAtCommas(header.substring(open + 1, close));
      int arrow = line.masked().indexOf("->", close);
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
      int depth = 0;
      while (at < lines.size() && header.length() <= LONGEST_LINE) {
        String line = lines.get(at).strip();
        String masked = ScriptText.maskLiterals(line);
        header.append(line);
        depth += ScriptText.depth(masked);
        at++;
        if (masked.endsWith(":") && depth == 0) {
          return header.toString();
        }
        header.append(' ');
      }
      throw unreadable(start);
    }

    private static boolean belongsTo(int indentation, String line) {
      return line.isBlank() || ScriptText.indentation(line) >= indentation;
    }

    private PalimpsestException oddName(String line) {
      return new PalimpsestException(
          "%s, line %s: a module or tensor has a name with quotes, backslashes or line breaks, which PyTorch writes in a way that it cannot read back: %s. Rename it and save the network again."
              .formatted(entry, at + 1, beginning(line)));
    }

    private PalimpsestException unreadable(int line) {
      return new PalimpsestException(
          "%s, line %s: not the code that torch.jit writes: %s"
              .formatted(entry, line + 1, beginning(lines.get(line))));
    }

    /**
     * How deeply code is nested, line after line. Libtorch's parser and compiler recurse into
     * brackets, into chains such as {@code a.b.c}, {@code a + b + c} and {@code not not a}, into
     * blocks, and through {@code elif}; so do the readers of types here.
     */
    private static final class ScriptDepth {

      private static final int MOST_BRACKETS = 200;
      private static final int MOST_INDENTATION = 2 * MOST_BRACKETS;
      private static final int MOST_WORDS = 500;
      private static final int MOST_BRANCHES = 200;

      /** What is bounded, as a message says it. */
      static final String BOUNDS =
          "%s brackets within each other, %s words and signs without a comma between them, %s elif, and be indented by %s"
              .formatted(MOST_BRACKETS, MOST_WORDS, MOST_BRANCHES, MOST_INDENTATION);

      /** For each open bracket, the words and signs in it since the last comma. */
      private final int[] words = new int[MOST_BRACKETS + 2];

      private int brackets;
      private int allWords;
      private int branches;

      /** Takes the next line; false if with it the code is nested too deeply. */
      boolean isBoundedWith(String line) {
        String statement = line.stripLeading();
        if (line.length() - statement.length() > MOST_INDENTATION) {
          return false;
        }
        branches = statement.startsWith("elif ") ? branches + 1 : branches;
        branches = statement.startsWith("def ") ? 0 : branches;
        String masked = ScriptText.maskLiterals(line);
        for (int i = 0; i < masked.length(); i++) {
          boolean within = i > 0 && ScriptText.isNamePart(masked.charAt(i - 1));
          take(masked.charAt(i), within);
          if (brackets > MOST_BRACKETS || allWords > MOST_WORDS || branches > MOST_BRANCHES) {
            return false;
          }
        }
        if (brackets == 0) {
          forgetWords();
        }
        return true;
      }

      private void take(char c, boolean withinName) {
        int change = ScriptText.depthChange(c);
        if (change > 0) {
          count();
          brackets++;
        } else if (change < 0 && brackets > 0) {
          forgetWords();
          brackets--;
        } else if (c == ',') {
          forgetWords();
        } else if (c != ' ' && !(withinName && ScriptText.isNamePart(c))) {
          count();
        }
      }

      private void count() {
        words[brackets]++;
        allWords++;
      }

      private void forgetWords() {
        allWords -= words[brackets];
        words[brackets] = 0;
      }
    }
  }
}
