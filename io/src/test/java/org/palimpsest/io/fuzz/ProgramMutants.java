package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Programs of torch.export in sound archives whose JSON says something else than it did: a value is
 * taken away, put in another one's place, or is of another kind. Whatever it says, the tensors of
 * the file are the same, or the program is refused.
 */
final class ProgramMutants {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] VALUES = {
    "null",
    "true",
    "0",
    "-1",
    "9223372036854775807",
    "1e400",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[[[[]]]]",
    "{\"as_int\": 1, \"as_none\": true}",
    "{\"as_tensor\": {\"name\": \"x\"}}",
    "{\"as_expr\": {\"expr_str\": \"((((s0//0\"}}",
    "\"L['self'].a;b,getattr(c, 'd'),(e\""
  };

  private ProgramMutants() {}

  static byte[] mutate(byte[] original, SplittableRandom random) {
    return Mutator.changeEntries(
        original, name -> name.contains("/models/"), program -> changed(program, random));
  }

  private static byte[] changed(byte[] program, SplittableRandom random) {
    try {
      JsonNode root = JSON.readTree(program);
      int changes = 1 + random.nextInt(3);
      for (int i = 0; i < changes; i++) {
        List<JsonNode> places = new ArrayList<>();
        gather(root, places);
        change(places.get(random.nextInt(places.size())), places, random);
      }
      return JSON.writeValueAsBytes(root);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static void gather(JsonNode node, List<JsonNode> places) {
    if (node.isContainerNode()) {
      if (!node.isEmpty()) {
        places.add(node);
      }
      node.forEach(below -> gather(below, places));
    }
  }

  private static void change(JsonNode place, List<JsonNode> places, SplittableRandom random)
      throws IOException {
    JsonNode other = places.get(random.nextInt(places.size())).deepCopy();
    JsonNode value =
        random.nextInt(4) == 0 ? other : JSON.readTree(VALUES[random.nextInt(VALUES.length)]);
    boolean away = random.nextInt(4) == 0;
    int at = random.nextInt(place.size());
    if (place instanceof ArrayNode list) {
      if (away) {
        list.remove(at);
      } else {
        list.set(at, value);
      }
    } else if (place instanceof ObjectNode object) {
      List<String> keys = new ArrayList<>();
      object.fieldNames().forEachRemaining(keys::add);
      if (away) {
        object.remove(keys.get(at));
      } else {
        object.set(keys.get(at), value);
      }
    }
  }
}
