package org.palimpsest.io.internal.torchscript;

/**
 * A call of a module's method.
 *
 * @param type the module's class
 * @param method the method's name
 * @param path an expression for the module's path
 * @param receiver what must be written before the method's name, where the call is written as that
 *     of a function which is given the module
 * @param start the index where the text begins that is to be written anew
 * @param end the index of the first argument
 */
record ModuleCall(
    ScriptClass type, String method, String path, String receiver, int start, int end) {

  MethodId target() {
    return new MethodId(type.name(), method);
  }
}
