package org.palimpsest.io.torchscript;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One class of an archive's code.
 *
 * @param name its full name, such as {@code __torch__.torch.nn.modules.conv.Conv2d}
 * @param base what it extends, as written: {@code Module}, {@code ModuleInterface}, {@code
 *     NamedTuple} or nothing
 * @param parameters which of its attributes are trained
 * @param attributes the types of its attributes, in order
 * @param methods by name
 */
record ScriptClass(
    String name,
    String base,
    Set<String> parameters,
    Map<String, ScriptType> attributes,
    Map<String, ScriptMethod> methods) {

  ScriptClass {
    parameters = Set.copyOf(parameters);
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    methods = Collections.unmodifiableMap(new LinkedHashMap<>(methods));
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
