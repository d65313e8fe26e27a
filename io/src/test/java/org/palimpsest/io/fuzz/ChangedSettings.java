package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A description with a setting that was changed, added or taken away, and what of it was: whoever
 * reads it refuses it, or builds another network.
 *
 * @param description the changed one
 * @param key the setting
 * @param before its value, or a missing node
 * @param after its value now, or a missing node
 */
record ChangedSettings(JsonNode description, String key, JsonNode before, JsonNode after) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> WORDS =
      List.of(
          "batch",
          "instance",
          "group",
          "layer",
          "localresponse",
          "relu",
          "prelu",
          "leakyrelu",
          "elu",
          "gelu",
          "swish",
          "mish",
          "tanh",
          "sigmoid",
          "softmax",
          "nearest",
          "bilinear",
          "bicubic",
          "trilinear",
          "pixelshuffle",
          "deconv",
          "nontrainable",
          "reflect",
          "circular",
          "same",
          "valid",
          "zeros",
          "NDA",
          "AND",
          "A",
          "resnet34",
          "resnext50_32x4d",
          "scse",
          "batchnorm",
          "instancenorm",
          "inplace",
          "add",
          "cat",
          "avg",
          "max",
          "tanh",
          "softmax2d",
          "identity",
          "$1 + 1",
          "@width",
          "%width",
          "",
          "Conv2d",
          "BatchNorm2d",
          "InstanceNorm2d",
          "LeakyReLU",
          "ReLU",
          "Softplus",
          "torch.nn.GELU",
          "torch.nn.PReLU",
          "torch.nn.BatchNorm3d");
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "2",
          "3",
          "-1",
          "0.0371",
          "1e400",
          "1099511627776",
          "\"2\"",
          "[]",
          "[1]",
          "[2, 2]",
          "[1, 2, 3]",
          "{}",
          "[[1, 1], [2, 2]]",
          "{\"a\": 1}",
          "[\"group\", {\"num_groups\": 2}]",
          "[\"instance\", {\"affine\": true, \"eps\": 0.0371}]",
          "[\"leakyrelu\", {\"negative_slope\": 0.0371}]",
          "[\"elu\", {\"alpha\": 0.0371}]");

  /**
   * Changes one thing.
   *
   * @param names settings that the classes have, to be added where they are not given
   */
  static ChangedSettings of(JsonNode original, List<String> names, SplittableRandom random) {
    JsonNode description = original.deepCopy();
    List<ObjectNode> objects = new ArrayList<>();
    gather(description, objects);
    ObjectNode place = objects.get(random.nextInt(objects.size()));
    List<String> keys = new ArrayList<>();
    place.fieldNames().forEachRemaining(keys::add);
    boolean added = keys.isEmpty() || random.nextInt(4) == 0;
    String key =
        added
            ? random.nextInt(4) == 0 ? "nonsense" : names.get(random.nextInt(names.size()))
            : keys.get(random.nextInt(keys.size()));
    JsonNode before = place.path(key);
    if (!added && random.nextInt(5) == 0) {
      place.remove(key);
    } else {
      place.set(key, other(before, random));
    }
    return new ChangedSettings(description, key, before, place.path(key));
  }

  private static void gather(JsonNode node, List<ObjectNode> objects) {
    if (node instanceof ObjectNode object) {
      objects.add(object);
    }
    node.forEach(inner -> gather(inner, objects));
  }

  private static JsonNode other(JsonNode value, SplittableRandom random) {
    if (value.isArray() && !value.isEmpty() && random.nextInt(4) != 0) {
      return otherList((ArrayNode) value.deepCopy(), random);
    }
    if (value.isIntegralNumber() && random.nextInt(4) != 0) {
      long number = value.longValue();
      long[] others = {number + 1, number - 1, 2 * number, number / 2, -number};
      return json(String.valueOf(others[random.nextInt(others.length)]));
    }
    if (value.isNumber() && random.nextInt(4) != 0) {
      return json(String.valueOf(2 * value.doubleValue() + 0.0371));
    }
    if (value.isBoolean() && random.nextInt(4) != 0) {
      return json(String.valueOf(!value.booleanValue()));
    }
    return random.nextBoolean()
        ? json("\"" + WORDS.get(random.nextInt(WORDS.size())) + "\"")
        : json(VALUES.get(random.nextInt(VALUES.size())));
  }

  private static JsonNode otherList(ArrayNode list, SplittableRandom random) {
    int at = random.nextInt(list.size());
    switch (random.nextInt(4)) {
      case 0 -> list.remove(at);
      case 1 -> list.insert(at, list.get(random.nextInt(list.size())));
      default -> list.set(at, other(list.get(at), random));
    }
    return list;
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException impossible) {
      throw new IllegalArgumentException(text, impossible);
    }
  }

  @Override
  public String toString() {
    return "%s: %s instead of %s".formatted(key, after, before);
  }
}
