package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.pytorch.ScriptedClasses;

/** All classes of an archive, by their full names. */
final class ScriptLibrary implements ScriptedClasses {

  private static final String OWN = "__torch__.";
  private static final String OF_RUNTIME = "__torch__.torch.classes.";

  private final List<SourceFile> files;
  private final Map<String, ScriptClass> classes = new LinkedHashMap<>();

  ScriptLibrary(List<SourceFile> files) {
    this.files = List.copyOf(files);
    files.forEach(file -> file.classes().forEach(c -> classes.put(c.name(), c)));
  }

  List<SourceFile> files() {
    return files;
  }

  @Nullable ScriptClass find(String name) {
    return classes.get(name);
  }

  /**
   * @throws PalimpsestException if it is a class of the archive's own whose code is missing
   */
  @Override
  public boolean isModule(String type) {
    ScriptClass found = find(type);
    if (found == null && type.startsWith(OWN) && !type.startsWith(OF_RUNTIME)) {
      throw new PalimpsestException(
          "The archive holds an object of class '%s' and not its code: it is damaged."
              .formatted(type));
    }
    return found != null && found.isModule();
  }

  @Override
  public boolean isParameter(String type, String attribute) {
    ScriptClass found = find(type);
    return found != null && found.parameters().contains(attribute);
  }

  /** Whether this is a method of a module in which a call of the module ends. */
  boolean givesResult(MethodId id) {
    ScriptClass owner = find(id.type());
    ScriptMethod method = owner == null ? null : owner.methods().get(id.method());
    return owner != null && method != null && owner.givesResult(method);
  }

  /** The module class, or interface of modules, that the type names, if it does. */
  @Nullable ScriptClass findModule(@Nullable ScriptType type) {
    ScriptClass found = type == null ? null : classes.get(type.name());
    return found != null && found.isModule() ? found : null;
  }

  /** The modules that may stand behind an interface: those that have all of its methods. */
  List<ScriptClass> implementationsOf(ScriptClass moduleInterface) {
    List<ScriptClass> found = new ArrayList<>();
    for (ScriptClass candidate : classes.values()) {
      if (candidate.isModule()
          && !candidate.isInterface()
          && candidate.methods().keySet().containsAll(moduleInterface.methods().keySet())) {
        found.add(candidate);
      }
    }
    return found;
  }

  /** A word that occurs nowhere in the code, to begin the names of what is added to it. */
  String unusedWord(String wish) {
    String word = wish;
    for (int i = 2; mentions(word); i++) {
      word = wish + i;
    }
    return word;
  }

  /** Whether any line of code holds what the pattern tells. */
  boolean matches(Pattern pattern) {
    return files.stream()
        .flatMap(file -> file.lines().stream())
        .anyMatch(line -> pattern.matcher(line).find());
  }

  boolean mentions(String word) {
    return files.stream().anyMatch(file -> file.mentions(word) || file.entry().contains(word));
  }
}
