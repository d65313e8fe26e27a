package org.palimpsest.io.torchscript;

/**
 * A call of a module's method.
 *
 * @param type the module's class
 * @param method the method's name
 * @param path an expression for the module's path
 * @param nameStart the index of the method's name in its line
 * @param argumentsStart the index after the parenthesis that opens the arguments
 */
record ModuleCall(ScriptClass type, String method, String path, int nameStart, int argumentsStart) {

  MethodId target() {
    return new MethodId(type.name(), method);
  }
}
