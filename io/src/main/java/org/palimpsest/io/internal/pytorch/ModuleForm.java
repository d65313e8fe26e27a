package org.palimpsest.io.internal.pytorch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;

/** Where a module's pickled state keeps what is in it. */
interface ModuleForm {

  /** The modules right below a module, by name. */
  Map<String, Opaque> submodules(Opaque module);

  /** The tensors of a module that are trained, by name. */
  Map<String, TensorRef> parameters(Opaque module);

  /** Modules of Python, which keep them in dictionaries. */
  static ModuleForm ofPython() {
    return new ModuleForm() {
      @Override
      public Map<String, Opaque> submodules(Opaque module) {
        return entries(state(module).get("_modules"), Opaque.class);
      }

      @Override
      public Map<String, TensorRef> parameters(Opaque module) {
        return entries(state(module).get("_parameters"), TensorRef.class);
      }
    };
  }

  /**
   * Modules of TorchScript, which keep all in one.
   *
   * @param classes what is known of their classes
   */
  static ModuleForm ofScript(ScriptedClasses classes) {
    return new ModuleForm() {
      @Override
      public Map<String, Opaque> submodules(Opaque module) {
        return only(
            entries(state(module), Opaque.class), (name, below) -> classes.isModule(below.type()));
      }

      @Override
      public Map<String, TensorRef> parameters(Opaque module) {
        return only(
            entries(state(module), TensorRef.class),
            (name, tensor) -> classes.isParameter(module.type(), name));
      }
    };
  }

  private static PyDict state(Opaque module) {
    return module.state() instanceof PyDict state ? state : new PyDict();
  }

  private static <T> Map<String, T> entries(Object dictionary, Class<T> type) {
    Map<String, T> found = new LinkedHashMap<>();
    if (dictionary instanceof PyDict dict) {
      dict.named()
          .forEach(
              (name, value) -> {
                if (type.isInstance(value)) {
                  found.put(name, type.cast(value));
                }
              });
    }
    return found;
  }

  private static <T> Map<String, T> only(Map<String, T> entries, BiPredicate<String, T> isWanted) {
    entries.entrySet().removeIf(entry -> !isWanted.test(entry.getKey(), entry.getValue()));
    return entries;
  }
}
