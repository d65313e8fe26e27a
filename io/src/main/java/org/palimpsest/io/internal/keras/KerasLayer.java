package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A layer of an architecture, or an operator that stands for one. Two of them are never equal. */
final class KerasLayer {

  /**
   * A call of a layer.
   *
   * @param arguments by position
   * @param named by name
   */
  record Node(List<Argued> arguments, Map<String, Argued> named) {
    Node {
      arguments = List.copyOf(arguments);
      named = Map.copyOf(named);
    }
  }

  private final String className;
  private final String module;
  private final String name;
  private final JsonNode config;
  private final JsonNode buildConfig;
  private final List<Node> calls;
  private final Optional<Architecture> network;

  KerasLayer(
      String className,
      String module,
      String name,
      JsonNode config,
      JsonNode buildConfig,
      List<Node> calls,
      Optional<Architecture> network) {
    this.className = className;
    this.module = module;
    this.name = name;
    this.config = config;
    this.buildConfig = buildConfig;
    this.calls = List.copyOf(calls);
    this.network = network;
  }

  /** Such as {@code Conv2D} or {@code Addons>GroupNormalization}. */
  String className() {
    return className;
  }

  /** Where Keras 3 has the class; empty in older files. */
  String module() {
    return module;
  }

  String name() {
    return name;
  }

  JsonNode config() {
    return config;
  }

  /** What it was built with, in newer files. */
  JsonNode buildConfig() {
    return buildConfig;
  }

  /** Its calls in a functional network. */
  List<Node> calls() {
    return calls;
  }

  /** The network that it is, if it is one. */
  Optional<Architecture> network() {
    return network;
  }

  boolean isInput() {
    return className.equals("InputLayer");
  }

  boolean isOperator() {
    return Operators.isOperator(this);
  }

  boolean isTrained() {
    return config.path("trainable").asBoolean(true);
  }
}
