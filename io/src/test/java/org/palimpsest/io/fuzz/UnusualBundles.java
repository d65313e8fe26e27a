package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.network.NetworkOptions;

/**
 * MONAI bundles whose network is scattered over the configuration: values stand elsewhere and are
 * referred to, in lists, groups and chains, by both marks, as JSON and as YAML. Right is the
 * network of the description in one piece; or a refusal where a reference leads nowhere or in a
 * circle, or Python would have to be run. Some arguments are set, or added, by entries of their own
 * behind the network.
 */
final class UnusualBundles {

  private final SplittableRandom random;
  private final ObjectNode configuration = JsonNodeFactory.instance.objectNode();
  private final ObjectNode group = JsonNodeFactory.instance.objectNode();
  private final ArrayNode list = JsonNodeFactory.instance.arrayNode();
  private boolean spoiled;
  private int names;

  private UnusualBundles(SplittableRandom random) {
    this.random = random;
  }

  /** What is wrong with the reading of the bundle of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    List<UnusualDescriptions.Known> networks = UnusualDescriptions.known("monai");
    int number = random.nextInt(networks.size());
    UnusualDescriptions.Known known = networks.get(number);
    UnusualBundles made = new UnusualBundles(random);
    Path bundle = bundle(folder.resolve("bundle" + number), known);
    made.fill(known.description());
    Path json = bundle.resolve("configs/inference.json");
    Files.deleteIfExists(json);
    Path yaml = bundle.resolve("configs/inference.yaml");
    Files.deleteIfExists(yaml);
    Files.writeString(random.nextBoolean() ? json : yaml, made.configuration.toString());
    FrontEnds.Found found = FrontEnds.of(bundle, NetworkOptions.none()).orElseThrow();
    try (OpenGraph open = found.recognised().open()) {
      if (made.spoiled) {
        return "accepted: " + made.configuration;
      }
      boolean same = withoutTensors(open.graph()).equals(withoutTensors(known.built()));
      return same ? "" : "another network: " + made.configuration;
    } catch (PalimpsestException refused) {
      return made.spoiled ? "" : refused.getMessage() + ": " + made.configuration;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      return failure + ": " + made.configuration;
    }
  }

  private static String withoutTensors(NetworkGraph graph) {
    return graph.input() + "\n" + graph.steps() + "\n" + graph.outputs();
  }

  /** Its weights are written once. */
  private static Path bundle(Path bundle, UnusualDescriptions.Known known) throws IOException {
    Path weights = bundle.resolve("models/model.pt");
    if (!Files.exists(weights)) {
      Files.createDirectories(bundle.resolve("configs"));
      Files.createDirectories(bundle.resolve("models"));
      Map<String, long[]> tensors = new LinkedHashMap<>();
      known
          .tensors()
          .forEach(
              (name, tensor) ->
                  tensors.put(name, tensor.shape().stream().mapToLong(n -> n).toArray()));
      JsonNode nothing = JsonNodeFactory.instance.objectNode();
      Files.write(weights, UnusualNnUnets.archive(nothing, "state_dict", tensors));
    }
    return bundle;
  }

  private void fill(JsonNode description) {
    configuration.putArray("imports").add("$import glob");
    configuration.put("device", "$torch.device('cuda:0')");
    configuration.set("group", group);
    configuration.set("list", list);
    configuration.put("network", "$@network_def.to(@device)");
    ObjectNode network = description.deepCopy();
    boolean spoil = random.nextInt(5) == 0;
    List<String> keys =
        network.properties().stream()
            .map(Map.Entry::getKey)
            .filter(k -> !k.equals("_target_"))
            .toList();
    for (String key : keys) {
      network.set(key, scattered(network.get(key), 0));
    }
    if (spoil) {
      spoiled = true;
      network.set(keys.get(random.nextInt(keys.size())), spoiled());
    }
    configuration.set("network_def", network);
    beside(description);
    if (!spoil) {
      keys.stream().filter(key -> random.nextInt(6) == 0).forEach(key -> setLater(network, key));
    }
  }

  /** What else may stand there: others' paths that lead nowhere, and further networks. */
  private void beside(JsonNode description) {
    switch (random.nextInt(8)) {
      case 0 -> configuration.put("handlers::0::x", 1);
      case 1 -> configuration.putObject("evaluator").put("network", "@network");
      case 2 -> configuration.putObject("evaluator").set("network", description.deepCopy());
      case 3 -> {
        spoiled = true;
        ObjectNode other = description.deepCopy();
        configuration.set(random.nextBoolean() ? "network" : "net", other.put("other", 1));
      }
      default -> {}
    }
  }

  /** Gives an argument its value by a path to it, or by what is added; before, it has none. */
  private void setLater(ObjectNode network, String name) {
    JsonNode value = network.get(name);
    String mark = random.nextBoolean() ? "#" : "::";
    if (random.nextBoolean()) {
      network.remove(name);
    } else {
      network.put(name, "$wrong");
    }
    if (random.nextInt(3) == 0 && !configuration.has("+network_def")) {
      configuration.putObject("+network_def").set(name, value);
    } else if (value.isArray() && !value.isEmpty()) {
      network.set(name, JsonNodeFactory.instance.arrayNode());
      configuration.set("+network_def" + mark + name, value);
    } else {
      configuration.set("network_def" + mark + name, value);
    }
  }

  private JsonNode scattered(JsonNode value, int depth) {
    JsonNode inner = value;
    if (value.isArray()) {
      ArrayNode items = JsonNodeFactory.instance.arrayNode();
      value.forEach(item -> items.add(scattered(item, depth + 1)));
      inner = items;
    } else if (value.isObject()) {
      ObjectNode entries = JsonNodeFactory.instance.objectNode();
      value.properties().forEach(e -> entries.set(e.getKey(), scattered(e.getValue(), depth + 1)));
      inner = entries;
    }
    return depth < 4 && random.nextInt(3) == 0 ? scattered(reference(inner), depth + 1) : inner;
  }

  /** Puts a value somewhere else and gives what refers to it. */
  private JsonNode reference(JsonNode value) {
    String name = "value" + names++;
    String mark = random.nextBoolean() ? "#" : "::";
    String id =
        switch (random.nextInt(3)) {
          case 0 -> {
            configuration.set(name, value);
            yield name;
          }
          case 1 -> {
            group.set(name, value);
            yield "group" + mark + name;
          }
          default -> {
            list.add(value);
            yield "list" + mark + (list.size() - 1);
          }
        };
    return JsonNodeFactory.instance.textNode((random.nextInt(4) == 0 ? "%" : "@") + id);
  }

  private JsonNode spoiled() {
    configuration.put("circle", "@round").put("round", "@circle");
    List<String> wrong =
        List.of(
            "@nowhere", "@list#999", "@group::none", "@circle", "$2 + 1", "$@value0", "@device");
    return JsonNodeFactory.instance.textNode(wrong.get(random.nextInt(wrong.size())));
  }
}
