package org.palimpsest.io.internal.torchscript;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A module that an expression stands for.
 *
 * @param type its class, unless the code does not tell (an element of a list, chosen at run time)
 * @param path an expression for its path
 */
record ModuleReference(@Nullable ScriptClass type, String path) {

  boolean has(String method) {
    return type != null && type.methods().containsKey(method);
  }

  /** A call of one of its methods, see {@link ModuleCall}. */
  ModuleCall call(String method, String receiver, int start, int end) {
    return new ModuleCall(
        Objects.requireNonNull(type, "its methods are known"), method, path, receiver, start, end);
  }
}
