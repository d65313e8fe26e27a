package org.palimpsest.io.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.palimpsest.io.fuzz.Hdf5Writer.join;
import static org.palimpsest.io.fuzz.Hdf5Writer.little;
import static org.palimpsest.io.fuzz.Hdf5Writer.padded;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Weights of Keras in HDF5 files that h5py could have written: layers and arrays of any names,
 * groups in any order, lists of names in one attribute or in several, links, either layout, either
 * form of HDF5; and files with one lie in their names. Right are the numbers of each layer by its
 * place, as Keras goes, or a refusal; of a lie, a refusal.
 */
final class UnusualKerasTrees {

  private static final List<String> NAMES =
      List.of(
          "conv2d",
          "conv2d_10",
          "conv2d_2",
          "a/b",
          "a/c",
          "b",
          "x y",
          "\u00e9t\u00e9",
          "kernel",
          "layer:0",
          "vars",
          "0",
          "model_weights",
          "%s",
          "n".repeat(200));

  /** What is wrong with a file that must be refused. */
  private enum Lie {
    WEIGHT_TWICE,
    LAYER_TWICE,
    LAYER_MISSING,
    LAYER_MORE,
    ARRAY_MORE,
    ARRAY_MISSING,
    OTHER_SHAPE,
    OTHER_ORDER_OF_LAYERS,
    OTHER_ORDER_OF_ARRAYS,
    INTEGERS,
    LINK_TO_NOWHERE,
    LINK_TO_ANOTHER_FILE
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Numbers(long[] shape, float[] values, boolean integers) {}

  private record Pointer(String target, String file) {}

  /** A group: what is in it by name, and its lists of names. */
  private static final class Folder {
    private final Map<String, Object> parts = new LinkedHashMap<>();
    private final Map<String, List<String>> lists = new LinkedHashMap<>();

    void put(String path, Object part) {
      int end = path.indexOf('/');
      if (end < 0) {
        parts.put(path, part);
      } else {
        ((Folder) parts.computeIfAbsent(path.substring(0, end), name -> new Folder()))
            .put(path.substring(end + 1), part);
      }
    }

    Folder within(String path) {
      Folder folder = this;
      for (String name : path.split("/")) {
        folder = (Folder) folder.parts.computeIfAbsent(name, any -> new Folder());
      }
      return folder;
    }
  }

  /** What a layer keeps, by the names of its arrays. */
  private record Kept(String layer, String kind, Map<String, Numbers> arrays) {}

  private final SplittableRandom random;
  private final List<Kept> layers = new ArrayList<>();
  private final ArrayNode architecture = JsonNodeFactory.instance.arrayNode();
  private Lie lie;

  private UnusualKerasTrees(SplittableRandom random) {
    this.random = random;
    int channels = random.nextInt(1, 4);
    add("InputLayer", "input", 0, 0)
        .putArray("batch_input_shape")
        .addNull()
        .add(4)
        .add(4)
        .add(channels);
    List<String> names = new ArrayList<>(NAMES);
    Collections.shuffle(names, new Random(random.nextLong()));
    if (random.nextInt(4) == 0) { // as the group that holds all of them in other files
      Collections.swap(names, 1, names.indexOf("model_weights"));
    }
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      String kind = random.nextInt(3) == 0 ? "BatchNormalization" : "Conv2D";
      add(kind, names.get(i), channels, channels);
    }
    lie = random.nextBoolean() ? null : Lie.values()[random.nextInt(Lie.values().length)];
  }

  private ObjectNode add(String kind, String name, int in, int out) {
    ObjectNode layer = architecture.addObject().put("class_name", kind);
    ObjectNode config = layer.putObject("config").put("name", name);
    Map<String, Numbers> arrays = new LinkedHashMap<>();
    if (kind.equals("Conv2D")) {
      config.put("filters", out).putArray("kernel_size").add(1).add(1);
      config.put("use_bias", true);
      arrays.put("kernel", drawn(1, 1, in, out));
      arrays.put("bias", drawn(out));
    } else if (kind.equals("BatchNormalization")) {
      config.put("axis", -1);
      for (String array : List.of("gamma", "beta", "moving_mean", "moving_variance")) {
        arrays.put(array, drawn(out));
      }
    }
    if (!arrays.isEmpty()) {
      layers.add(new Kept(name, kind, arrays));
    }
    return config;
  }

  private Numbers drawn(long... shape) {
    int count = 1;
    for (long extent : shape) {
      count *= (int) extent;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(1, 1 << 20);
    }
    return new Numbers(shape, values, false);
  }

  /** What is wrong with the reading of the file of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    UnusualKerasTrees made = new UnusualKerasTrees(new SplittableRandom(seed));
    boolean layered = made.random.nextInt(3) == 0;
    Map<String, String> right = made.right();
    Folder root = layered ? made.layered() : made.legacy();
    if (layered && made.lie != null) {
      made.spoil(root);
    }
    boolean modern = made.random.nextBoolean() || root.parts.size() > 7;
    Hdf5Writer writer = new Hdf5Writer(modern, 0, -1);
    Path file = Files.write(folder.resolve("tree.h5"), writer.bytes(made.write(writer, root)));
    Path json = Files.writeString(folder.resolve("tree.json"), made.json());
    try {
      Map<String, String> read = read(file, json);
      String told = "%s of %s, lie %s: %s instead of %s";
      boolean same = read.equals(right);
      return same && made.lie == null
          ? ""
          : told.formatted(
              layered ? "layered" : "legacy", made.architecture, made.lie, read, right);
    } catch (PalimpsestException refused) {
      return made.lie != null ? "" : refused.getMessage() + made.architecture;
    } catch (RuntimeException failure) {
      return failure + " at " + failure.getStackTrace()[0];
    }
  }

  private String json() {
    ObjectNode model = JsonNodeFactory.instance.objectNode().put("class_name", "Sequential");
    model.put("keras_version", "2.15.0").put("backend", "tensorflow");
    model.putObject("config").put("name", "net").set("layers", architecture);
    return model.toString();
  }

  private static Map<String, String> read(Path file, Path json) {
    Map<String, String> read = new TreeMap<>();
    FrontEnds.of(file, NetworkOptions.none().withArchitecture(json))
        .orElseThrow(() -> new PalimpsestException("not recognised"))
        .weights()
        .tensors()
        .forEach(tensor -> read.put(tensor.name(), numbers(tensor)));
    return read;
  }

  private static String numbers(WeightTensor tensor) {
    return Arrays.toString(tensor.values().dup('c').ravel().toDoubleVector());
  }

  /** By the names and in the order of PyTorch. */
  private Map<String, String> right() {
    Map<String, String> right = new TreeMap<>();
    for (Kept layer : layers) {
      layer.arrays.forEach(
          (name, array) -> right.put(layer.layer + "." + torch(name), turned(name, array)));
    }
    return right;
  }

  private static String torch(String name) {
    return switch (name) {
      case "kernel", "gamma" -> "weight";
      case "beta" -> "bias";
      case "moving_mean" -> "running_mean";
      case "moving_variance" -> "running_var";
      default -> name;
    };
  }

  private static String turned(String name, Numbers array) {
    double[] values = new double[array.values.length];
    int in = name.equals("kernel") ? (int) array.shape[2] : 1;
    int out = name.equals("kernel") ? (int) array.shape[3] : values.length;
    for (int i = 0; i < in; i++) {
      for (int o = 0; o < out; o++) {
        values[o * in + i] = array.values[i * out + o];
      }
    }
    return Arrays.toString(values);
  }

  /** The layout of Keras 1 and 2: by lists of names. */
  private Folder legacy() {
    Folder file = new Folder();
    boolean whole = random.nextInt(3) == 0;
    Folder root = whole ? file.within("model_weights") : file;
    boolean renamed = random.nextInt(4) == 0;
    List<String> listed = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Kept layer = layers.get(i);
      String group = renamed ? "other_" + i : layer.layer;
      listed.add(group);
      List<String> names = new ArrayList<>();
      String before = List.of("", group + "/", "deep/er/").get(random.nextInt(3));
      String after = random.nextBoolean() ? ":0" : "";
      layer.arrays.forEach(
          (name, array) -> {
            String path = before + name + after;
            names.add(path);
            root.put(group + "/" + path, array);
          });
      list(root.within(group), "weight_names", names);
      if (random.nextInt(6) == 0) {
        listed.add(random.nextInt(listed.size() + 1), "empty" + i);
        list(root.within("empty" + i), "weight_names", List.of());
      }
    }
    list(root, "layer_names", listed);
    if (whole && random.nextBoolean()) {
      file.put("optimizer_weights/iter:0", drawn(1));
    }
    if (lie != null) {
      lie(root, listed, renamed);
    }
    return file;
  }

  private void list(Folder folder, String name, List<String> names) {
    if (names.isEmpty() || random.nextInt(4) > 0) {
      folder.lists.put(name, names);
      return;
    }
    int part = 0;
    for (int from = 0; from < names.size(); part++) {
      int to = random.nextInt(from + 1, names.size() + 1);
      folder.lists.put(name + part, names.subList(from, to));
      from = to;
    }
  }

  /** Tells something that is not so; where this file cannot be given the lie, it gets none. */
  private void lie(Folder root, List<String> listed, boolean renamed) {
    Kept layer = layers.get(random.nextInt(layers.size()));
    String group = renamed ? "other_" + layers.indexOf(layer) : layer.layer;
    Folder within = root.within(group);
    List<String> names = joined(within, "weight_names");
    switch (lie) {
      case WEIGHT_TWICE -> names.set(0, names.get(1));
      case LAYER_TWICE -> listed.add(group);
      case LAYER_MISSING -> listed.remove(group);
      case LAYER_MORE -> {
        listed.add("more");
        root.put("more/kernel", drawn(1));
        root.within("more").lists.put("weight_names", List.of("kernel"));
      }
      case ARRAY_MORE -> within.put("more:0", drawn(2));
      case ARRAY_MISSING -> names.set(0, "not_there/kernel:0");
      case OTHER_SHAPE -> within.put(names.get(0), drawn(7));
      case OTHER_ORDER_OF_LAYERS -> {
        lie = renamed || layers.size() < 2 ? null : lie;
        if (lie != null) {
          Collections.swap(listed, listed.indexOf(group), listed.indexOf(another(layer)));
        }
      }
      case OTHER_ORDER_OF_ARRAYS -> Collections.swap(names, 0, 1);
      case INTEGERS -> {
        Numbers array = layer.arrays.values().iterator().next();
        within.put(names.get(0), new Numbers(array.shape, array.values, true));
      }
      case LINK_TO_NOWHERE -> within.put(names.get(0), new Pointer("/not/there", ""));
      default -> within.put(names.get(0), new Pointer("/x", "other.h5"));
    }
    within.lists.keySet().removeIf(key -> key.startsWith("weight_names"));
    within.lists.put("weight_names", names);
    root.lists.keySet().removeIf(key -> key.startsWith("layer_names"));
    root.lists.put("layer_names", listed);
  }

  private String another(Kept layer) {
    return layers.stream().filter(other -> other != layer).findFirst().orElseThrow().layer;
  }

  private static List<String> joined(Folder folder, String name) {
    List<String> names = new ArrayList<>();
    folder.lists.forEach((key, list) -> names.addAll(key.startsWith(name) ? list : List.of()));
    return names;
  }

  /** The layout of Keras 3: by classes and numbers. */
  private Folder layered() {
    Folder root = new Folder();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Kept layer : layers) {
      String kind = layer.kind.equals("Conv2D") ? "conv2d" : "batch_normalization";
      int count = counts.merge(kind, 1, Integer::sum) - 1;
      String group = "layers/" + kind + (count == 0 ? "" : "_" + count) + "/vars";
      int number = 0;
      for (Numbers array : layer.arrays.values()) {
        root.put(group + "/" + number, array);
        number++;
      }
      if (random.nextBoolean()) {
        root.within(group).lists.put("name", List.of(layer.layer));
      }
    }
    if (random.nextBoolean()) {
      root.put("optimizer/vars/0", drawn(1));
    }
    return root;
  }

  private void spoil(Folder root) {
    Folder layersGroup = root.within("layers");
    String group = layersGroup.parts.keySet().iterator().next();
    Folder vars = layersGroup.within(group + "/vars");
    switch (lie) {
      case LAYER_MISSING -> layersGroup.parts.remove(group);
      case LAYER_MORE, LAYER_TWICE -> layersGroup.put("dense/vars/0", drawn(2));
      case ARRAY_MORE, WEIGHT_TWICE -> vars.put(String.valueOf(vars.parts.size()), drawn(2));
      case OTHER_SHAPE -> vars.put("0", drawn(7));
      case LINK_TO_NOWHERE -> vars.put("0", new Pointer("/not/there", ""));
      case LINK_TO_ANOTHER_FILE -> vars.put("0", new Pointer("/x", "other.h5"));
      case INTEGERS -> {
        Numbers array = (Numbers) vars.parts.get("0");
        vars.put("0", new Numbers(array.shape, array.values, true));
      }
      default -> vars.parts.remove("0");
    }
  }

  private long write(Hdf5Writer writer, Object part) {
    if (part instanceof Numbers numbers) {
      return dataset(writer, numbers);
    }
    Folder folder = (Folder) part;
    List<String> names = new ArrayList<>(folder.parts.keySet());
    Collections.shuffle(names, new Random(random.nextLong()));
    List<Hdf5Writer.Link> links = new ArrayList<>();
    for (String name : names) {
      Object inner = folder.parts.get(name);
      if (inner instanceof Pointer pointer) {
        links.add(new Hdf5Writer.Link(name, -1, pointer.target, pointer.file));
      } else {
        links.add(Hdf5Writer.Link.hard(name, write(writer, inner)));
      }
    }
    List<Hdf5Writer.Message> attributes = new ArrayList<>();
    folder.lists.forEach((name, texts) -> attributes.add(attribute(name, texts)));
    Collections.shuffle(attributes, new Random(random.nextLong()));
    return writer.group(links, attributes);
  }

  private static long dataset(Hdf5Writer writer, Numbers numbers) {
    ByteBuffer content = little(Float.BYTES * numbers.values.length);
    for (float value : numbers.values) {
      content = numbers.integers ? content.putInt((int) value) : content.putFloat(value);
    }
    ByteBuffer type = little(numbers.integers ? 12 : 20);
    if (numbers.integers) {
      type.put((byte) 0x10).put((byte) 8).position(4).putInt(4).putShort((short) 0);
      type.putShort((short) 32);
    } else {
      type.put((byte) 0x11).put((byte) 0x20).put((byte) 31).position(4).putInt(4);
      type.putShort((short) 0).putShort((short) 32).put(new byte[] {23, 8, 0, 23}).putInt(127);
    }
    ByteBuffer layout = little(18).put((byte) 3).put((byte) 1);
    layout.putLong(writer.put(content.array())).putLong(content.capacity());
    return writer.object(
        List.of(
            new Hdf5Writer.Message(1, space(numbers.shape)),
            new Hdf5Writer.Message(3, type.array()),
            new Hdf5Writer.Message(5, new byte[] {2, 2, 2, 0}),
            new Hdf5Writer.Message(8, layout.array())),
        false);
  }

  private static byte[] space(long... shape) {
    ByteBuffer space = little(8 + 8 * shape.length).put((byte) 1).put((byte) shape.length);
    space.position(8);
    for (long extent : shape) {
      space.putLong(extent);
    }
    return space.array();
  }

  /** A list of texts of one length, filled up with zeros; an empty one is of numbers, as h5py's. */
  private static Hdf5Writer.Message attribute(String name, List<String> texts) {
    int length = texts.stream().mapToInt(text -> text.getBytes(UTF_8).length).max().orElse(7) + 1;
    ByteBuffer type = little(8).put((byte) 0x13).put((byte) 0x11).position(4).putInt(length);
    ByteBuffer content = little(length * texts.size());
    for (String text : texts) {
      content.put(Arrays.copyOf(text.getBytes(UTF_8), length));
    }
    byte[] key = Hdf5Writer.name(name);
    byte[] space = space(texts.size());
    ByteBuffer head = little(8).put((byte) 1).put((byte) 0).putShort((short) key.length);
    head.putShort((short) 8).putShort((short) space.length);
    return new Hdf5Writer.Message(
        12, join(head.array(), padded(key), type.array(), space, content.array()));
  }
}
