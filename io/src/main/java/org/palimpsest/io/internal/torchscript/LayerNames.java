package org.palimpsest.io.internal.torchscript;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.io.internal.graph.NetworkGraph;

/**
 * What recorded names are to people.
 *
 * <p>The code records {@code .enc1.conv} for a submodule, nothing for the network itself, and
 * {@code /conv2d} for an operator of a network without submodules. Bytes of names that may mean
 * something else there are recorded as {@code %10;}.
 *
 * @param output what the network's own result is called
 * @param given recorded names that stand for layers whose names the code does not hold
 */
public record LayerNames(String output, Map<String, String> given) {

  private static final String OUTPUT = "output";
  private static final Pattern SPELT = Pattern.compile("%(\\d{1,3});");

  LayerNames(String output) {
    this(output, Map.of());
  }

  /** Calls the network's result {@code output}, unless it has an attribute of this name. */
  static LayerNames avoiding(Set<String> attributes) {
    String name = OUTPUT;
    while (attributes.contains(name)) {
      name = "network_" + name;
    }
    return new LayerNames(name);
  }

  /** The names of a graph's layers; in its code they are numbers. */
  static LayerNames of(NetworkGraph graph) {
    Map<String, String> given = new HashMap<>();
    Set<String> roots = new HashSet<>();
    for (String layer : graph.layers()) {
      given.put("." + GraphCode.tap(given.size()), layer);
      roots.add(layer.split("[.#\\[]", 2)[0]);
    }
    String output = avoiding(roots).output();
    for (int i = 0; i < graph.outputs().size() && graph.outputs().size() > 1; i++) {
      given.put("[%s]".formatted(i), "%s[%s]".formatted(output, graph.outputs().get(i).label()));
    }
    return new LayerNames(output, Map.copyOf(given));
  }

  /** The layer's path for a recorded name. */
  public String layer(String recorded) {
    String known = given.get(recorded);
    if (known != null) {
      return known;
    }
    if (recorded.startsWith(".")) {
      return read(recorded.substring(1));
    }
    return recorded.startsWith("/") ? recorded : output + read(recorded);
  }

  /** A module's own name as it is recorded: without quotes, line breaks, numbers of calls. */
  static String spelt(String name) {
    StringBuilder spelt = new StringBuilder();
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      if (ScriptText.isNamePart((char) b) || b == '-') {
        spelt.append((char) b);
      } else {
        spelt.append('%').append(b & 0xff).append(';');
      }
    }
    return spelt.toString();
  }

  private static String read(String recorded) {
    if (recorded.indexOf('%') < 0) {
      return recorded;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Matcher spelt = SPELT.matcher(recorded);
    int from = 0;
    while (spelt.find()) {
      bytes.writeBytes(recorded.substring(from, spelt.start()).getBytes(StandardCharsets.UTF_8));
      bytes.write(Integer.parseInt(spelt.group(1)));
      from = spelt.end();
    }
    bytes.writeBytes(recorded.substring(from).getBytes(StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
