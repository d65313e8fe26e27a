package org.palimpsest.io.internal.torchscript;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One class of an archive's code.
 *
 * @param name its full name, such as {@code __torch__.torch.nn.modules.conv.Conv2d}
 * @param base what it extends, as written: {@code Module}, {@code ModuleInterface}, {@code
 *     NamedTuple} or nothing
 * @param parameters which of its attributes are trained
 * @param preHooks the methods that are called before {@code forward}, in order
 * @param hooks the methods that are called after it
 * @param attributes the types of its attributes, in order
 * @param methods by name
 * @param end the index of the line after it in its file
 */
record ScriptClass(
    String name,
    String base,
    Set<String> parameters,
    List<String> preHooks,
    List<String> hooks,
    Map<String, ScriptType> attributes,
    Map<String, ScriptMethod> methods,
    int end) {

  ScriptClass {
    parameters = Set.copyOf(parameters);
    preHooks = List.copyOf(preHooks);
    hooks = List.copyOf(hooks);
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    methods = Collections.unmodifiableMap(new LinkedHashMap<>(methods));
  }

  /** Whether a call of the module ends in this method: what it gives is the module's result. */
  boolean givesResult(ScriptMethod method) {
    return method.isForward() || hooks.contains(method.name());
  }

  boolean isModule() {
    return base.equals("Module") || isInterface();
  }

  boolean isInterface() {
    return base.equals("ModuleInterface");
  }

  boolean isNamedTuple() {
    return base.equals("NamedTuple");
  }
}
