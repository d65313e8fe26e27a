package org.palimpsest.io.internal.torchscript;

import java.util.List;
import java.util.regex.Pattern;

/**
 * One method of a class.
 *
 * @param name its name
 * @param parameters each as written, with type and default, the module itself first
 * @param returns the type of its result as written
 * @param body its lines, indented as they are in the file
 * @param end the index of the line after it in its file
 */
record ScriptMethod(
    String name, List<String> parameters, String returns, List<String> body, int end) {

  private static final Pattern FORWARD = Pattern.compile("forward(?:__)?+\\d*+");

  ScriptMethod {
    parameters = List.copyOf(parameters);
    body = List.copyOf(body);
  }

  /** The name that it has for its own module. */
  String self() {
    return nameOf(parameters.get(0));
  }

  /** Its parameters but the module itself. */
  List<String> inputs() {
    return parameters.subList(1, parameters.size());
  }

  /** Whether it is what a call of the module runs; a tracer writes one for each call. */
  boolean isForward() {
    return FORWARD.matcher(name).matches();
  }

  static String nameOf(String parameter) {
    int colon = parameter.indexOf(':');
    return (colon < 0 ? parameter : parameter.substring(0, colon)).strip();
  }

  static ScriptType typeOf(String parameter) {
    String typed = parameter.substring(parameter.indexOf(':') + 1);
    int equals = ScriptText.maskLiterals(typed).indexOf('=');
    return ScriptType.parse(equals < 0 ? typed : typed.substring(0, equals));
  }

  static boolean isRequired(String parameter) {
    return ScriptText.maskLiterals(parameter).indexOf('=') < 0;
  }
}
