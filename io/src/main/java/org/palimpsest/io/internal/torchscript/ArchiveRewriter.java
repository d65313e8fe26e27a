package org.palimpsest.io.internal.torchscript;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/** Turns an archive's code into one that records what every submodule answers. */
final class ArchiveRewriter {

  private static final Pattern GPU = Pattern.compile("torch\\.device\\(\"cuda[^\"]*+\"\\)");
  private static final String RECORDER = "recorder.py";
  private static final String RECORDER_WORD = "palimpsest";

  private final ScriptLibrary library;
  private final AddedNames names;
  private final ScriptClass root;
  private final ScriptMethod forward;
  private final Set<MethodId> twins;

  ArchiveRewriter(ScriptLibrary library, ScriptClass root, ScriptMethod forward) {
    this.library = library;
    this.names = new AddedNames(library.unusedWord(RECORDER_WORD));
    library.files().forEach(Autocast::requireNone);
    this.root = root;
    this.forward = forward;
    this.twins =
        CallGraph.methodsThatNeedTwins(
            library,
            names,
            Stream.of(root.preHooks(), List.of(forward.name()), root.hooks())
                .flatMap(List::stream)
                .map(method -> new MethodId(root.name(), method))
                .toList());
  }

  /** Whether a run calls any module but the network itself. */
  private boolean hasSubmodules() {
    return twins.stream()
        .filter(twin -> !twin.type().equals(root.name()))
        .anyMatch(library::givesResult);
  }

  private TwinWriter twinWriter() {
    return new TwinWriter(library, names, twins, hasSubmodules());
  }

  AddedNames names() {
    return names;
  }

  boolean takesList() {
    return ScriptMethod.typeOf(forward.inputs().get(0)).name().equals("List");
  }

  /** The operators whose results are recorded, where a run calls no submodules. */
  List<String> operators() {
    return hasSubmodules() ? List.of() : OperatorTaps.operators(forward.body(), names);
  }

  /**
   * The files of code that differ from the original or are new, by name.
   *
   * @param folder what the names of the archive's entries begin with
   */
  Map<String, String> files(String folder) {
    Map<String, String> files = new LinkedHashMap<>();
    for (SourceFile file : library.files()) {
      files.put(folder + file.entry(), withTwins(file));
    }
    files.put(folder + "code/__torch__/" + names.word() + ".py", recorder());
    return files;
  }

  private String withTwins(SourceFile file) {
    Map<Integer, List<String>> inserted = new LinkedHashMap<>();
    for (ScriptClass type : file.classes()) {
      for (ScriptMethod method : type.methods().values()) {
        List<String> added = new ArrayList<>();
        if (twins.contains(new MethodId(type.name(), method.name()))) {
          added.addAll(twinWriter().twinOf(type, method));
        }
        if (type.equals(root) && method.equals(forward)) {
          EntryMethod entry = new EntryMethod(names, root, forward, twins);
          added.addAll(entry.lines());
          added.addAll(entry.sumsLines());
        }
        inserted.put(method.end(), added);
      }
      if (type.isModule()) {
        inserted
            .computeIfAbsent(type.end(), line -> new ArrayList<>())
            .addAll(StateChanges.stateMethod(library, names, type));
      }
    }
    List<String> lines = new ArrayList<>();
    for (int i = 0; i <= file.lines().size(); i++) {
      lines.addAll(inserted.getOrDefault(i, List.of()));
      if (i < file.lines().size()) {
        lines.add(file.lines().get(i));
      }
    }
    lines.replaceAll(Overrides::answered);
    return onCpu(String.join("\n", lines) + "\n");
  }

  private static String onCpu(String code) {
    return GPU.matcher(code).replaceAll("torch.device(\"cpu\")");
  }

  private String recorder() {
    try (InputStream template = ArchiveRewriter.class.getResourceAsStream(RECORDER)) {
      if (template == null) {
        throw new IllegalStateException(RECORDER + " is missing from the class path");
      }
      String code = new String(template.readAllBytes(), StandardCharsets.UTF_8);
      return code.replace("__torch__." + RECORDER_WORD, names.recorderModule());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Scripts that let parts of a network run in fewer bits ({@code torch.autocast}). libtorch's
   * interpreter does so only in a form of running that is not used here, so that these parts would
   * quietly run in float32.
   */
  private static final class Autocast {

    private static final Pattern MADE =
        Pattern.compile("\\b(\\w+) = [\\w.]*\\bautocast_mode\\.autocast\\.__new__\\(");
    private static final Pattern NOT_ON_CPU = Pattern.compile("\"(?!cpu\")\\w+\".*");
    private static final Pattern SWITCHED_OFF = Pattern.compile("(\"cpu\", )?[^,]*, False, .*");

    private Autocast() {}

    /**
     * @throws PalimpsestException if there is one that has an effect here
     */
    static void requireNone(SourceFile file) {
      for (int i = 0; i < file.lines().size(); i++) {
        Matcher made = MADE.matcher(file.lines().get(i));
        if (made.find()) {
          String begin = "(%s).__init__(".formatted(made.group(1));
          String next = i + 1 < file.lines().size() ? file.lines().get(i + 1) : "";
          int at = next.indexOf(begin);
          String arguments = at < 0 ? "" : next.substring(at + begin.length());
          if (!NOT_ON_CPU.matcher(arguments).matches()
              && !SWITCHED_OFF.matcher(arguments).matches()) {
            throw new PalimpsestException(
                "The network's code (%s) runs parts in fewer bits with torch.autocast, which is not done here. Script it without, or save it with torch.jit.trace."
                    .formatted(file.entry()));
          }
        }
      }
    }
  }

  /**
   * The question whether a tensor is of a class of Python's that overrides PyTorch's functions
   * (Transformer layers of PyTorch 1.12 ask). There is none outside of Python. libtorch answers so
   * as well, but leaves what was asked of on the interpreter's stack, where the result of the whole
   * network is then looked for.
   */
  private static final class Overrides {

    private static final String ASKED = "torch.has_torch_function(";
    private static final String ANSWER = "False";

    private Overrides() {}

    static String answered(String line) {
      if (!line.contains(ASKED)) {
        return line;
      }
      ScriptLine paired = ScriptLine.of(line);
      StringBuilder answered = new StringBuilder();
      int copied = 0;
      int at = paired.masked().indexOf(ASKED);
      while (at >= 0) {
        int close = paired.partner(at + ASKED.length() - 1);
        if (close < 0) {
          break;
        }
        answered.append(line, copied, at).append(ANSWER);
        copied = close + 1;
        at = paired.masked().indexOf(ASKED, copied);
      }
      return answered.append(line, copied, line.length()).toString();
    }
  }

  /** Which methods a run can reach, and which of them need a twin. */
  private static final class CallGraph {

    private final ScriptLibrary library;
    private final AddedNames names;
    private final Map<MethodId, Set<MethodId>> callees = new LinkedHashMap<>();

    private CallGraph(ScriptLibrary library, AddedNames names) {
      this.library = library;
      this.names = names;
    }

    /**
     * The methods that need a twin because they are forward methods, or lead to one, or stand
     * beside one behind an interface.
     */
    static Set<MethodId> methodsThatNeedTwins(
        ScriptLibrary library, AddedNames names, List<MethodId> roots) {
      CallGraph graph = new CallGraph(library, names);
      graph.explore(roots);
      Set<MethodId> live = graph.live();
      Set<MethodId> twins = new LinkedHashSet<>(live);
      live.stream().filter(graph::isOfInterface).forEach(m -> twins.addAll(graph.calleesOf(m)));
      return twins;
    }

    private void explore(List<MethodId> roots) {
      Deque<MethodId> waiting = new ArrayDeque<>(roots);
      while (!waiting.isEmpty()) {
        MethodId next = waiting.remove();
        if (!callees.containsKey(next)) {
          Set<MethodId> found = isOfInterface(next) ? implementationsOf(next) : callsIn(next);
          callees.put(next, found);
          waiting.addAll(found);
        }
      }
    }

    private Set<MethodId> callsIn(MethodId caller) {
      Set<MethodId> found = new LinkedHashSet<>();
      ScriptClass owner = library.find(caller.type());
      ScriptMethod method = owner == null ? null : owner.methods().get(caller.method());
      if (owner == null || method == null) {
        return found;
      }
      ModuleScope scope = new ModuleScope(library, names, owner, method);
      for (String line : method.body()) {
        scope.calls(line).forEach(call -> found.add(call.target()));
        scope.remember(line);
      }
      return found;
    }

    private Set<MethodId> implementationsOf(MethodId declared) {
      Set<MethodId> found = new LinkedHashSet<>();
      ScriptClass owner = library.find(declared.type());
      if (owner != null) {
        library
            .implementationsOf(owner)
            .forEach(c -> found.add(new MethodId(c.name(), declared.method())));
      }
      return found;
    }

    private boolean isOfInterface(MethodId method) {
      ScriptClass owner = library.find(method.type());
      return owner != null && owner.isInterface();
    }

    private Set<MethodId> live() {
      Set<MethodId> live = new LinkedHashSet<>();
      callees.keySet().stream().filter(this::mustBeTwin).forEach(live::add);
      boolean grown = true;
      while (grown) {
        Set<MethodId> callers = new HashSet<>(callees.keySet());
        callers.removeIf(m -> live.contains(m) || calleesOf(m).stream().noneMatch(live::contains));
        grown = live.addAll(callers);
      }
      return live;
    }

    private Set<MethodId> calleesOf(MethodId method) {
      @Nullable Set<MethodId> found = callees.get(method);
      return found == null ? Set.of() : found;
    }

    /**
     * Changes of a module's own attributes are to be noticed as well; and hooks cannot be called as
     * methods, but their twins can.
     */
    private boolean mustBeTwin(MethodId id) {
      ScriptClass owner = library.find(id.type());
      ScriptMethod method = owner == null ? null : owner.methods().get(id.method());
      return owner != null
          && method != null
          && !owner.isInterface()
          && (owner.givesResult(method)
              || owner.preHooks().contains(method.name())
              || method.body().stream().anyMatch(StateChanges::setsAttribute));
    }
  }

  /** Writes the methods of the root module that Java calls. */
  private static final class EntryMethod {

    private final AddedNames names;
    private final ScriptClass root;
    private final ScriptMethod forward;
    private final Set<MethodId> twins;

    EntryMethod(AddedNames names, ScriptClass root, ScriptMethod forward, Set<MethodId> twins) {
      this.names = names;
      this.root = root;
      this.forward = forward;
      this.twins = twins;
    }

    /**
     * It takes the probes, the number of the type that the network wants them in, the layers to
     * record (one per line), how each is to be reduced (one per line), the positions picked for
     * that and whether only names and shapes are asked for. It gives lines of names and shapes, a
     * list of tensors in the same order, and whether the network changed its own state.
     */
    List<String> lines() {
      String recorder = names.recorder();
      String type = names.recorderClass();
      String before = names.local("before");
      List<String> lines =
          new ArrayList<>(
              List.of(
                  "  def %s(self: %s,".formatted(names.entryMethod(), root.name()),
                  "    probes: Tensor,",
                  "    dtype: int,",
                  "    wanted: str,",
                  "    targets: str,",
                  "    picks: List[Tensor],",
                  "    discovering: bool) -> Tuple[str, List[Tensor], bool]:",
                  "    %s = %s.__new__(%s)".formatted(recorder, type, type),
                  "    (%s).__init__(wanted, targets, picks, discovering, )".formatted(recorder),
                  "    %s = (self).%s(%s, False, )"
                      .formatted(names.local("seen"), names.stateMethod(), recorder),
                  "    %s = %s.state".formatted(before, recorder),
                  "    %s.state = annotate(List[float], [])".formatted(recorder)));
      lines.addAll(call());
      lines.addAll(
          List.of(
              "    %s = (self).%s(%s, False, )"
                  .formatted(names.local("seen"), names.stateMethod(), recorder),
              "    if torch.ne(%s, %s.state):".formatted(before, recorder),
              "      %s.changed = True".formatted(recorder),
              "    else:",
              "      pass",
              "    return (torch.join(\"\\n\", (%s).lines), (%s).values, %s.changed)"
                  .formatted(recorder, recorder, recorder)));
      return lines;
    }

    /**
     * The method that gives sums of all of the network's state, trained tensors too. It takes other
     * tensors to put in their place before, or none.
     */
    List<String> sumsLines() {
      String recorder = names.recorder();
      String type = names.recorderClass();
      return List.of(
          "  def %s(self: %s,".formatted(names.sumsMethod(), root.name()),
          "    given: List[Tensor]) -> List[float]:",
          "    %s = %s.__new__(%s)".formatted(recorder, type, type),
          "    (%s).__init__(\"\", \"\", given, True, )".formatted(recorder),
          "    %s.adopting = torch.gt(torch.len(given), 0)".formatted(recorder),
          "    %s = (self).%s(%s, True, )"
              .formatted(names.local("seen"), names.stateMethod(), recorder),
          "    (%s).count(torch.sub(torch.len(given), %s.adopted), )".formatted(recorder, recorder),
          "    return %s.state".formatted(recorder));
    }

    /** What libtorch does when a module is called: pre-hooks, forward, hooks. */
    private List<String> call() {
      List<String> lines = new ArrayList<>();
      boolean list = ScriptMethod.typeOf(forward.inputs().get(0)).name().equals("List");
      String input = names.local("input");
      lines.add("    %s = torch.to(probes, dtype, False, True)".formatted(input));
      if (list) {
        input = "torch.unbind(%s)".formatted(input);
      }
      String inputs = names.local("inputs");
      lines.add("    %s = (%s,)".formatted(inputs, input));
      int given = 1;
      for (int i = 0; i < root.preHooks().size(); i++) {
        ScriptMethod hook = hook(root.preHooks().get(i));
        String made = names.local("made" + i);
        lines.add("    %s = %s".formatted(made, call(hook, inputs + ", ")));
        ScriptType type = ScriptType.parse(hook.returns());
        if (!hook.returns().equals(TwinWriter.NONE)) {
          boolean several = type.name().equals("Tuple");
          given = several ? type.arguments().size() : 1;
          inputs = names.local("inputs" + i);
          lines.add("    %s = %s".formatted(inputs, several ? made : "(" + made + ",)"));
        }
      }
      StringBuilder arguments = new StringBuilder();
      for (int i = 0; i < given; i++) {
        arguments.append("(%s)[%s], ".formatted(inputs, i));
      }
      String output = names.local("output");
      lines.add("    %s = %s".formatted(output, call(forward, arguments.toString())));
      for (int i = 0; i < root.hooks().size(); i++) {
        ScriptMethod hook = hook(root.hooks().get(i));
        String made = names.local("output" + i);
        lines.add("    %s = %s".formatted(made, call(hook, inputs + ", " + output + ", ")));
        output = hook.returns().equals(TwinWriter.NONE) ? output : made;
      }
      return lines;
    }

    private String call(ScriptMethod method, String arguments) {
      return twins.contains(new MethodId(root.name(), method.name()))
          ? "(self).%s(%s, \"\", %s)"
              .formatted(names.twinOf(method.name()), names.recorder(), arguments)
          : "(self).%s(%s)".formatted(method.name(), arguments);
    }

    private ScriptMethod hook(String name) {
      ScriptMethod hook = root.methods().get(name);
      if (hook == null || ScriptType.parse(hook.returns()).name().equals("Optional")) {
        throw new PalimpsestException(
            "Its network's hook '%s' %s."
                .formatted(
                    name,
                    hook == null
                        ? "is not in its code: it is damaged"
                        : "gives a result at times and at times none, which is not run here"));
      }
      return hook;
    }
  }
}
