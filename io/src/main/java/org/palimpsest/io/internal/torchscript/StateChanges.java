package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a network that changes its own state is told from one that does not.
 *
 * <p>What sets an attribute says so when it runs. Tensors and the sizes of lists are looked at
 * before and after a run, by sums that a change would hardly leave as they were. Ways to change a
 * network that show in neither are looked for in the text.
 */
final class StateChanges {

  private static final Pattern UNSEEN =
      Pattern.compile(
          "\\bprim\\.data\\(|\\btorch\\.set_data\\(|_\\(CONSTANTS\\.|\\bresize_?+\\(CONSTANTS\\.");

  /** With the name of the container, if it is no more than a name. */
  private static final Pattern CHANGES_CONTAINER =
      Pattern.compile(
          "\\btorch\\.(?:append|extend|insert|_set_item|pop|popitem|remove|clear|reverse|sort|update|setdefault|Delete)\\((?:(\\w++)[,)])?+");

  private static final Pattern BEGINS_METHOD = Pattern.compile("\\s*+def ");
  private static final Pattern IS_ASSIGNED = Pattern.compile("\\s*+(\\w++) = (.*+)");
  private static final Pattern IS_NEW =
      Pattern.compile("annotate\\((?:List|Dict)\\[[\\w\\[\\], .]*, (?:\\[\\]|\\{\\})\\)");

  private static final Pattern RANDOM =
      Pattern.compile(
          "\\btorch\\.(?:rand|randn|randint|randperm|rand_like|randn_like|randint_like|normal|normal_functional"
              + "|bernoulli|multinomial|poisson|binomial|rrelu|rrelu_with_noise|uniform|exponential"
              + "|normal_|uniform_|bernoulli_|exponential_|cauchy_|geometric_|log_normal_|random_"
              + "|_standard_gamma|_sample_dirichlet|native_dropout|_fused_dropout"
              + "|scaled_dot_product_attention|lstm|gru|rnn_tanh|rnn_relu)\\("
              + "|\\btorch\\.(?:feature_)?(?:alpha_)?dropout_?\\((?![^\n()]*, False\\))");

  private StateChanges() {}

  /** Whether a line of a method's body sets an attribute. */
  static boolean setsAttribute(String line) {
    if (line.indexOf(" = ") < 0) {
      return false;
    }
    String masked = ScriptText.maskLiterals(line);
    String target = masked.substring(0, Math.max(0, masked.indexOf(" = ")));
    return target.indexOf(':') < 0 && target.indexOf('.') >= 0 && ScriptText.depth(target) == 0;
  }

  /** Whether the code may change the network in a way that no run tells of. */
  static boolean mayPassUnseen(ScriptLibrary library) {
    List<ScriptType> attributes =
        library.files().stream()
            .flatMap(file -> file.classes().stream())
            .filter(ScriptClass::isModule)
            .flatMap(type -> type.attributes().values().stream())
            .toList();
    return library.matches(UNSEEN)
        || attributes.stream().anyMatch(type -> hidesChanges(library, type))
        || attributes.stream().anyMatch(StateChanges::isContainer)
            && library.files().stream().anyMatch(file -> changesContainer(file.lines()));
  }

  private static boolean isContainer(ScriptType type) {
    return type.name().equals("List") || type.name().equals("Dict");
  }

  /**
   * Whether an attribute may hold what can be changed and is not looked at: tensors and containers
   * in containers, objects that are no modules.
   */
  private static boolean hidesChanges(ScriptLibrary library, ScriptType type) {
    if (library.findModule(type) != null || type.isTensor()) {
      return false;
    }
    if (library.find(type.name()) != null) {
      return true;
    }
    return type.arguments().stream()
        .anyMatch(
            part ->
                isContainer(part)
                    || (part.isTensor() && !type.name().equals("Optional"))
                    || hidesChanges(library, part));
  }

  /** Whether code changes a list or dictionary that it did not make itself. */
  private static boolean changesContainer(List<String> lines) {
    int begin = 0;
    for (int i = 0; i <= lines.size(); i++) {
      if (i == lines.size() || BEGINS_METHOD.matcher(lines.get(i)).lookingAt()) {
        if (changesContainerOfOthers(lines.subList(begin, i))) {
          return true;
        }
        begin = i;
      }
    }
    return false;
  }

  private static boolean changesContainerOfOthers(List<String> method) {
    Set<String> changed = new HashSet<>();
    for (String line : method) {
      Matcher change = CHANGES_CONTAINER.matcher(line);
      while (change.find()) {
        changed.add(Objects.requireNonNullElse(change.group(1), ""));
      }
    }
    return changed.stream().anyMatch(name -> !isAlwaysNew(name, method));
  }

  /** Whether all that a name stands for in a method are empty containers that it made. */
  private static boolean isAlwaysNew(String name, List<String> method) {
    boolean isMade = false;
    for (String line : method) {
      Matcher assigned = IS_ASSIGNED.matcher(line);
      boolean isGiven = assigned.matches() && assigned.group(1).equals(name);
      if (isGiven && !IS_NEW.matcher(assigned.group(2)).matches()
          || !isGiven && mayDeclare(line, name)) {
        return false;
      }
      isMade |= isGiven;
    }
    return isMade;
  }

  /** As a parameter, a loop's variable, one of several results, or with a type. */
  private static boolean mayDeclare(String line, String name) {
    String stripped = line.strip();
    int end = stripped.indexOf(stripped.startsWith("for ") ? " in " : " = ");
    String declared = Pattern.quote(name) + "\\b";
    return Pattern.compile("\\b" + declared + "\\s*+:").matcher(stripped).find()
        || end >= 0 && Pattern.compile("\\b" + declared).matcher(stripped.substring(0, end)).find();
  }

  /** Whether the code names an operator that draws random numbers, or does so if it is told to. */
  static boolean mayDrawRandom(ScriptLibrary library) {
    return library.matches(RANDOM);
  }

  /**
   * A method that has the recorder see the tensors of a module and of those in it, and the sizes of
   * its lists and dictionaries; those tensors that are trained only where all are to be seen.
   */
  static List<String> stateMethod(ScriptLibrary library, AddedNames names, ScriptClass type) {
    String whole = names.local("whole");
    List<String> lines = new ArrayList<>();
    lines.add(
        "  def %s(self: %s, %s: %s, %s: bool) -> NoneType:"
            .formatted(
                names.stateMethod(), type.name(), names.recorder(), names.recorderClass(), whole));
    if (type.isInterface()) {
      lines.add("    pass");
      return lines;
    }
    for (Map.Entry<String, ScriptType> attribute : type.attributes().entrySet()) {
      boolean trained = type.parameters().contains(attribute.getKey());
      String indent = trained ? "      " : "    ";
      String local = names.local("attribute" + lines.size());
      List<String> seen = seen(library, names, local, attribute.getValue());
      if (!seen.isEmpty()) {
        if (trained) {
          lines.add("    if %s:".formatted(whole));
        }
        lines.add(
            "%s%s = getattr(self, %s)"
                .formatted(indent, local, ScriptText.quoted(attribute.getKey())));
        seen.forEach(line -> lines.add(indent + line));
        if (trained) {
          lines.add("    else:");
          lines.add("      pass");
        }
      }
    }
    lines.add("    return None");
    return lines;
  }

  private static List<String> seen(
      ScriptLibrary library, AddedNames names, String local, ScriptType type) {
    String see = "(%s).see(%s, )";
    if (library.findModule(type) != null) {
      return List.of(
          "(%s).%s(%s, %s, )"
              .formatted(local, names.stateMethod(), names.recorder(), names.local("whole")));
    }
    return switch (type.name()) {
      case "Tensor" -> List.of(see.formatted(names.recorder(), local));
      case "List", "Dict" ->
          List.of("(%s).count(torch.len(%s), )".formatted(names.recorder(), local));
      case "Optional" ->
          type.arguments().get(0).isTensor()
              ? List.of(
                  "if torch.__isnot__(%s, None):".formatted(local),
                  "  "
                      + see.formatted(
                          names.recorder(), "unchecked_cast(Tensor, %s)".formatted(local)),
                  "else:",
                  "  pass")
              : List.of();
      default -> List.of();
    };
  }
}
