package org.palimpsest.io.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Checkpoints of nnU-Net, version 2 with plans of both forms and version 1, with another setting,
 * trainer or tensor than the network was trained with. Right is a refusal, or another network if
 * the setting is another, and a note of a trainer that is not the usual one.
 */
final class UnusualNnUnets {

  private static final Set<String> WITHOUT_EFFECT =
      Set.of("dropout_op_kwargs", "p", "deep_supervision", "inplace", "momentum", "patch_size");
  private static final List<String> ADDED =
      List.of(
          "nonlin_first",
          "eps",
          "affine",
          "track_running_stats",
          "negative_slope",
          "stem_channels",
          "bottleneck_channels",
          "block",
          "squeeze_excitation",
          "stochastic_depth_p",
          "UNet_base_num_features",
          "conv_per_stage",
          "deep_supervision",
          "inplace",
          "pool_op");

  /** Trainers of version 1 with the operator or value that they bring, or none. */
  private static final Map<String, String> TRAINERS =
      Map.of(
          "nnUNetTrainerV2_ReLU", "operator=relu",
          "nnUNetTrainerV2_LReLU_slope_2en1", "value=0.2",
          "nnUNetTrainerV2_GeLU", "operator=gelu",
          "nnUNetTrainerV2_Mish", "operator=mish",
          "nnUNetTrainerV2_ReLU_convReLUIN", "operator=relu",
          "nnUNetTrainerV2_lReLU_convReLUIN", "value=0.01",
          "nnUNetTrainerV2_momentum09", "",
          "nnUNetTrainerV2_noDeepSupervision", "",
          "nnUNetTrainer", "");

  private record Known(
      String kind, JsonNode dataset, JsonNode description, Map<String, long[]> tensors) {}

  private static final List<Known> KNOWN = read();

  /** What is built of them as they are. */
  private static final IdentityHashMap<Known, String> USUAL = new IdentityHashMap<>();

  private UnusualNnUnets() {}

  /** What is wrong with the reading of the checkpoint of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Known known = KNOWN.get(random.nextInt(KNOWN.size()));
    String usual = known.kind.equals("v1") ? "nnUNetTrainerV2" : "nnUNetTrainer";
    return switch (random.nextInt(6)) {
      case 0 -> otherTensors(known, usual, folder, random);
      case 1 -> otherTrainer(known, usual, folder, random);
      default -> otherSetting(known, usual, folder, random);
    };
  }

  private static String otherSetting(
      Known known, String trainer, Path folder, SplittableRandom random) throws IOException {
    ChangedSettings changed = ChangedSettings.of(known.description, ADDED, random);
    String what = known.kind + " with " + changed;
    try {
      String before = usual(known, trainer, folder);
      Path file = write(known, changed.description(), trainer, folder);
      boolean another = !print(open(file)).equals(before);
      boolean idle =
          WITHOUT_EFFECT.contains(changed.key())
              || same(changed)
              || withoutDropout(changed.description()).equals(withoutDropout(known.description));
      if (another && idle) {
        return what + " is another network";
      }
      return another || idle || mayBeIdle(known, changed) ? "" : what + " was passed over";
    } catch (PalimpsestException refused) {
      return refused.getMessage().lines().count() == 1 ? "" : what + " is refused in several lines";
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      return what + ": " + failure;
    }
  }

  private static String usual(Known known, String trainer, Path folder) throws IOException {
    String print = USUAL.get(known);
    if (print == null) {
      print = print(open(write(known, known.description, trainer, folder)));
      USUAL.put(known, print);
    }
    return print;
  }

  private static JsonNode withoutDropout(JsonNode description) {
    ObjectNode rest = description.deepCopy();
    rest.remove("dropout_op_kwargs");
    return rest;
  }

  private static boolean same(ChangedSettings changed) {
    return simple(changed.before()).equals(simple(changed.after()));
  }

  /**
   * Of the class of a module only the last name counts, and a number in the place of a list of
   * equal ones is that list.
   */
  private static String simple(JsonNode value) {
    return value.isTextual()
        ? value.textValue().replaceFirst("^.*\\.", "")
        : value.toString().replaceAll("\\[(\\d+)(,\\1)+]", "$1");
  }

  /**
   * Null counts as not given; what the plans say beside the network, and defaults, are no settings
   * of it.
   */
  private static boolean mayBeIdle(Known known, ChangedSettings changed) {
    boolean ofPlans = known.kind.equals("old") || known.kind.equals("v1");
    boolean added = changed.before().isMissingNode();
    return ofPlans && (added || changed.key().matches("unet_max_num_features|plans_per_stage"))
        || changed.after().isNull()
        || changed.after().equals(JsonNodeFactory.instance.objectNode())
        || changed.after().isMissingNode()
        || changed.after().asText().equals("false") && added
        || changed.key().matches("dropout_op|bottleneck_channels");
  }

  private static String otherTrainer(
      Known known, String usual, Path folder, SplittableRandom random) throws IOException {
    List<String> names = TRAINERS.keySet().stream().sorted().toList();
    return trained(known, usual, folder, names.get(random.nextInt(names.size())));
  }

  private static String trained(Known known, String usual, Path folder, String trainer)
      throws IOException {
    String before = usual(known, usual, folder);
    String brings = TRAINERS.get(trainer);
    try {
      NetworkGraph graph = open(write(known, known.description, trainer, folder));
      boolean told = graph.provenance().notes().stream().anyMatch(note -> note.contains(trainer));
      boolean right =
          known.kind.equals("v1") && !brings.isEmpty()
              ? print(graph).contains(brings)
              : print(graph).equals(before);
      return told && right
          ? ""
          : known.kind + " trained by " + trainer + " is not told or not right";
    } catch (PalimpsestException refused) {
      return known.kind + " trained by " + trainer + " is refused: " + refused.getMessage();
    }
  }

  /** What is wrong with networks of version 1 of any trainer; empty if nothing is. */
  static List<String> findingsOfTrainers(Path folder) throws IOException {
    List<String> findings = new ArrayList<>();
    for (Known known : KNOWN) {
      for (String trainer : known.kind.equals("v1") ? TRAINERS.keySet() : Set.<String>of()) {
        findings.add(trained(known, "nnUNetTrainerV2", folder, trainer));
      }
    }
    findings.removeIf(String::isEmpty);
    return findings;
  }

  /**
   * Opens networks of version 1 with one convolution a stage, which lack the second block of each
   * stage of the encoder and nothing else: nnU-Net makes one convolution where none is asked.
   */
  static int openWithOneConvolution(Path folder) throws IOException {
    int opened = 0;
    for (Known known : KNOWN) {
      if (known.kind.equals("v1") && known.description.path("conv_per_stage").asInt(2) == 2) {
        Map<String, long[]> fewer = new LinkedHashMap<>(known.tensors);
        fewer
            .keySet()
            .removeIf(name -> name.matches("conv_blocks_context\\.\\d+\\.blocks\\.1\\..*"));
        ObjectNode one = known.description.deepCopy();
        one.put("conv_per_stage", 1);
        open(write(new Known("v1", known.dataset, one, fewer), one, "nnUNetTrainerV2", folder));
        opened++;
      }
    }
    return opened;
  }

  private static String otherTensors(
      Known known, String trainer, Path folder, SplittableRandom random) throws IOException {
    Map<String, long[]> tensors = new LinkedHashMap<>(known.tensors);
    List<String> names = List.copyOf(tensors.keySet());
    String name = names.get(random.nextInt(names.size()));
    boolean less = random.nextBoolean();
    if (less) {
      tensors.remove(name);
    } else if (random.nextBoolean()) {
      tensors.put(name + "7", tensors.get(name));
    } else {
      long[] shape = Arrays.copyOf(tensors.get(name), Math.max(1, tensors.get(name).length));
      shape[random.nextInt(shape.length)]++;
      tensors.put(name, shape);
    }
    Known other = new Known(known.kind, known.dataset, known.description, tensors);
    try {
      open(write(other, known.description, trainer, folder));
      boolean excused = name.endsWith("num_batches_tracked") || less && hasTwin(known, name);
      return excused ? "" : known.kind + " accepted although " + name + " was changed";
    } catch (PalimpsestException refused) {
      return "";
    } catch (RuntimeException failure) {
      return name + ": " + failure;
    }
  }

  /** Version 2 stores tensors of the encoder four times and those of blocks twice. */
  private static boolean hasTwin(Known known, String name) {
    return !known.kind.equals("v1")
        && (name.startsWith("encoder.")
            || name.startsWith("decoder.encoder.")
            || name.startsWith("decoder.stages."));
  }

  private static NetworkGraph open(Path file) {
    FrontEnds.Found found =
        FrontEnds.of(file, NetworkOptions.none())
            .orElseThrow(() -> new PalimpsestException(file + " is not recognised."));
    try (OpenGraph open = found.recognised().open()) {
      return open.graph();
    }
  }

  private static String print(NetworkGraph graph) {
    return UnusualDescriptions.print(graph);
  }

  private static Path write(Known known, JsonNode description, String trainer, Path folder)
      throws IOException {
    ObjectNode checkpoint = JsonNodeFactory.instance.objectNode();
    boolean version1 = known.kind.equals("v1");
    Path file = folder.resolve(version1 ? "v1.model" : "v2.pth");
    if (version1) {
      ObjectNode beside = JsonNodeFactory.instance.objectNode();
      beside.putArray("init").add("plans.pkl").add(0).add("out").add("data").add(true).add(0);
      beside.put("name", trainer).set("plans", description);
      PickleWriter pickle = new PickleWriter(4);
      plain(pickle, beside);
      Files.write(folder.resolve("v1.model.pkl"), pickle.bytes());
    } else {
      checkpoint.put("trainer_name", trainer);
      ObjectNode arguments = checkpoint.putObject("init_args");
      arguments.put("configuration", "own").set("dataset_json", known.dataset);
      ObjectNode configurations = arguments.putObject("plans").putObject("configurations");
      if (known.kind.equals("old")) {
        configurations.set("own", description);
      } else {
        ObjectNode network = configurations.putObject("own").putObject("architecture");
        network
            .put("network_class_name", "dynamic_network_architectures.architectures." + known.kind)
            .set("arch_kwargs", description);
      }
    }
    return Files.write(
        file, archive(checkpoint, version1 ? "state_dict" : "network_weights", known.tensors));
  }

  static byte[] archive(JsonNode settings, String entry, Map<String, long[]> tensors) {
    return archive(settings, entry, tensors, Map.of());
  }

  /**
   * A checkpoint.
   *
   * @param entry of the weights
   * @param values those of some tensors; the others hold zeros
   */
  static byte[] archive(
      JsonNode settings, String entry, Map<String, long[]> tensors, Map<String, float[]> values) {
    ForgedZip zip = new ForgedZip();
    PickleWriter pickle = new PickleWriter(2);
    pickle.step('}').text(entry).steps("}(");
    int number = 0;
    for (Map.Entry<String, long[]> tensor : tensors.entrySet()) {
      long elements = 1;
      for (long extent : tensor.getValue()) {
        elements *= extent;
      }
      pickle.text(tensor.getKey());
      tensor(pickle, number, elements, tensor.getValue());
      ByteBuffer bytes = ByteBuffer.allocate((int) (Float.BYTES * elements));
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values.getOrDefault(tensor.getKey(), new float[0]));
      zip.add("archive/data/" + number, bytes.array(), false);
      number++;
    }
    pickle.steps("us");
    for (Map.Entry<String, JsonNode> setting : settings.properties()) {
      pickle.text(setting.getKey());
      plain(pickle, setting.getValue());
      pickle.step('s');
    }
    zip.entries.add(0, new ForgedZip().add("archive/data.pkl", pickle.bytes(), false));
    zip.add("archive/version", "3\n".getBytes(UTF_8), false);
    return zip.bytes();
  }

  private static void tensor(PickleWriter pickle, int number, long elements, long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = step;
      step *= shape[axis];
    }
    pickle.global("torch._utils", "_rebuild_tensor_v2").step('(');
    pickle.step('(').text("storage").global("torch", "FloatStorage");
    pickle.text(String.valueOf(number)).text("cpu").number(elements).steps("tQ");
    pickle.number(0).numbers(shape).numbers(strides);
    pickle.truth(false).global("collections", "OrderedDict").call().steps("tR");
  }

  private static void plain(PickleWriter pickle, JsonNode value) {
    if (value.isObject()) {
      pickle.steps("}(");
      value
          .properties()
          .forEach(
              entry -> {
                pickle.text(entry.getKey());
                plain(pickle, entry.getValue());
              });
      pickle.step('u');
    } else if (value.isArray()) {
      pickle.steps("](");
      value.forEach(item -> plain(pickle, item));
      pickle.step('e');
    } else if (value.isIntegralNumber()) {
      pickle.number(value.longValue());
    } else if (value.isNumber()) {
      pickle.real(value.doubleValue());
    } else if (value.isBoolean()) {
      pickle.truth(value.booleanValue());
    } else if (value.isNull()) {
      pickle.step('N');
    } else {
      pickle.text(value.textValue());
    }
  }

  private static List<Known> read() {
    try (InputStream in =
        UnusualNnUnets.class.getResourceAsStream("/architectures/described_networks.json.gz")) {
      List<Known> all = new ArrayList<>();
      for (JsonNode network : new ObjectMapper().readTree(new GZIPInputStream(in))) {
        if (network.has("kind")) {
          Map<String, long[]> tensors = new LinkedHashMap<>();
          for (Map.Entry<String, JsonNode> tensor : network.path("tensors").properties()) {
            long[] shape = new long[tensor.getValue().size()];
            for (int i = 0; i < shape.length; i++) {
              shape[i] = tensor.getValue().get(i).longValue();
            }
            tensors.put(tensor.getKey(), shape);
          }
          all.add(
              new Known(
                  network.path("kind").asText(),
                  network.path("dataset"),
                  network.path("description"),
                  tensors));
        }
      }
      return all;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
