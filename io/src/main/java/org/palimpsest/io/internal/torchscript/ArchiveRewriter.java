package org.palimpsest.io.internal.torchscript;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  /** The files of code that differ from the original or are new, by name. */
  Map<String, String> files(String codeFolder) {
    Map<String, String> files = new LinkedHashMap<>();
    for (SourceFile file : library.files()) {
      files.put(file.entry(), withTwins(file));
    }
    files.put(codeFolder + "__torch__/" + names.word() + ".py", recorder());
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
          added.addAll(new EntryMethod(names, root, forward, twins).lines());
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
}
