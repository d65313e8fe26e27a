package org.palimpsest.io.fuzz;

import static org.palimpsest.io.internal.onnx.OnnxBytes.floats;
import static org.palimpsest.io.internal.onnx.OnnxBytes.join;
import static org.palimpsest.io.internal.onnx.OnnxBytes.message;
import static org.palimpsest.io.internal.onnx.OnnxBytes.number;
import static org.palimpsest.io.internal.onnx.OnnxBytes.utf8;
import static org.palimpsest.io.internal.onnx.OnnxBytes.valueInfo;
import static org.palimpsest.io.internal.onnx.OnnxBytes.varint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.internal.onnxruntime.OnnxNetwork;
import org.palimpsest.io.internal.onnxruntime.OnnxWeights;

/**
 * Makes ONNX models whose weights are stored in every way that the format has: as bytes, as typed
 * numbers packed or one by one, as constants, in files beside the model at odd places, as integers
 * with a scale. Each operation multiplies by such a tensor, so that what comes out is known
 * exactly; some models tell of their files what must be refused.
 */
final class UnusualOnnx {

  private static final int SIZE = 4;

  private final SplittableRandom random;
  private final Path folder;
  private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
  private final Map<String, double[]> weights = new LinkedHashMap<>();
  private final Map<String, double[]> layers = new LinkedHashMap<>();
  private boolean mustBeRefused;

  private UnusualOnnx(long seed, Path folder) {
    this.random = new SplittableRandom(seed);
    this.folder = folder;
  }

  /** What is wrong with the reading of the model of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    Path inner = Files.createDirectories(folder.resolve("model"));
    Files.write(folder.resolve("outside.bin"), new byte[4096]);
    UnusualOnnx made = new UnusualOnnx(seed, inner);
    Path file = Files.write(inner.resolve("unusual.onnx"), made.model());
    try {
      return made.judge(file);
    } catch (PalimpsestException refused) {
      return made.mustBeRefused ? "" : "refused: " + refused.getMessage();
    } catch (RuntimeException | Error failure) {
      return failure.toString();
    } finally {
      try (Stream<Path> files = Files.list(inner)) {
        for (Path left : files.filter(Files::isRegularFile).toList()) {
          Files.delete(left);
        }
      }
    }
  }

  private String judge(Path file) {
    Weights read = OnnxWeights.read(file);
    for (Map.Entry<String, double[]> weight : weights.entrySet()) {
      boolean same =
          read.find(weight.getKey())
              .map(tensor -> Arrays.equals(tensor.values().toDoubleVector(), weight.getValue()))
              .orElse(false);
      if (!same) {
        return "weight " + weight.getKey() + " is not " + Arrays.toString(weight.getValue());
      }
    }
    if (read.tensors().size() != weights.size()) {
      return read.tensors().size() + " weights instead of " + weights.keySet();
    }
    try (OnnxNetwork network = OnnxNetwork.open(file)) {
      INDArray probe = Nd4j.ones(2, SIZE);
      ActivationSet captured = network.capture(Probes.of(probe), LayerSelector.all());
      for (Map.Entry<String, double[]> layer : layers.entrySet()) {
        INDArray values = captured.get(layer.getKey()).values();
        if (!Arrays.equals(values.getRow(1).toDoubleVector(), layer.getValue())) {
          return "layer %s is %s instead of %s"
              .formatted(layer.getKey(), values, Arrays.toString(layer.getValue()));
        }
      }
    }
    return mustBeRefused ? "accepted what must be refused" : "";
  }

  private byte[] model() throws IOException {
    double[] value = {1, 1, 1, 1};
    int steps = random.nextInt(1, 6);
    String before = "x";
    for (int i = 0; i < steps; i++) {
      String weight = "w" + i;
      double[] factors = factors();
      store(weight, factors, i);
      String layer = "mul" + i;
      node("Mul", layer, "y" + i, before, weight);
      before = "y" + i;
      double[] next = value.clone();
      Arrays.setAll(next, k -> next[k] * factors[k]);
      value = next;
      layers.put(layer, value);
    }
    graph.writeBytes(message(2, utf8("g")));
    graph.writeBytes(message(11, valueInfo("x", SIZE)));
    graph.writeBytes(message(12, valueInfo(before, SIZE)));
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    model.writeBytes(number(1, 8));
    model.writeBytes(message(7, graph.toByteArray()));
    model.writeBytes(message(8, number(2, 17)));
    return model.toByteArray();
  }

  private double[] factors() {
    double[] factors = new double[SIZE];
    Arrays.setAll(factors, i -> random.nextInt(1, 4) * (random.nextBoolean() ? 1 : -0.5));
    return factors;
  }

  private void store(String name, double[] factors, int index) throws IOException {
    int form = random.nextInt(10);
    byte[] floats = floats(factors);
    byte[] head = join(number(1, SIZE), number(2, 1), message(8, utf8(name)));
    weights.put(name, factors);
    switch (form) {
      case 0 -> initializer(join(head, message(9, floats)));
      case 1 -> initializer(join(message(4, floats), head));
      case 2 -> {
        byte[] tensor = head;
        for (int i = 0; i < SIZE; i++) {
          tensor =
              join(tensor, new byte[] {4 << 3 | 5}, Arrays.copyOfRange(floats, 4 * i, 4 * i + 4));
        }
        initializer(tensor);
      }
      case 3 -> constant(name, message(5, join(head, message(9, floats))), "value");
      case 4 -> constant(name, message(7, floats), "value_floats");
      case 5 -> quantised(name, factors);
      case 6 -> constant(name, message(5, join(head, external(floats, index))), "value");
      default -> initializer(join(external(floats, index), head));
    }
  }

  /** Somewhere in a file of its own, told in one of the ways that the format allows, or wrongly. */
  private byte[] external(byte[] content, int index) throws IOException {
    String name = random.nextBoolean() ? "data" + index : "sub/./data" + index + ".bin";
    int before = random.nextInt(3) * random.nextInt(9);
    int after = random.nextInt(3);
    byte[] file = join(new byte[before], content, new byte[after]);
    Path place = folder.resolve(name).normalize();
    Files.createDirectories(place.getParent());
    Files.write(place, file);
    Map<String, String> told = new LinkedHashMap<>();
    told.put("location", name);
    if (before > 0 || random.nextBoolean()) {
      told.put("offset", String.valueOf(before));
    }
    if (after > 0 || random.nextBoolean()) {
      told.put("length", String.valueOf(content.length));
    }
    if (random.nextInt(3) == 0) {
      told.put("checksum", sha1(file));
    }
    if (random.nextInt(6) == 0) {
      mustBeRefused = true;
      spoil(told, file.length);
    }
    byte[] entries = number(14, 1);
    for (Map.Entry<String, String> entry : told.entrySet()) {
      entries =
          join(
              message(
                  13, join(message(1, utf8(entry.getKey())), message(2, utf8(entry.getValue())))),
              entries);
    }
    return entries;
  }

  private void spoil(Map<String, String> told, int fileLength) {
    switch (random.nextInt(9)) {
      case 0 -> told.put("location", "../outside.bin");
      case 1 -> told.put("location", folder.resolveSibling("outside.bin").toString());
      case 2 -> told.put("offset", "-4");
      case 3 -> told.put("offset", String.valueOf(fileLength - 15));
      case 4 -> told.put("length", "12");
      case 5 -> told.put("checksum", "0".repeat(40));
      case 6 -> told.put("stride", "2");
      case 7 -> told.remove("location");
      default -> told.put("location", "sub/../../outside.bin");
    }
  }

  /** Halves, so that integers times 0.5 are exact. */
  private void quantised(String name, double[] factors) {
    boolean signed = random.nextBoolean();
    int zero = signed ? random.nextInt(-5, 5) : random.nextInt(20, 30);
    byte[] integers = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      integers[i] = (byte) (factors[i] / 0.5 + zero);
    }
    int type = signed ? 3 : 2;
    byte[] head = join(number(1, SIZE), number(2, type), message(8, utf8(name + "q")));
    ByteArrayOutputStream typed = new ByteArrayOutputStream();
    for (byte b : integers) {
      typed.writeBytes(varint(signed ? b : b & 0xff));
    }
    initializer(
        join(head, random.nextBoolean() ? message(9, integers) : message(5, typed.toByteArray())));
    initializer(join(number(2, 1), message(8, utf8(name + "s")), message(9, floats(0.5))));
    initializer(
        join(number(2, type), message(8, utf8(name + "z")), message(9, new byte[] {(byte) zero})));
    node("DequantizeLinear", "dequantise" + name, name, name + "q", name + "s", name + "z");
    weights.remove(name);
    weights.put(name + "q", factors);
  }

  private void initializer(byte[] tensor) {
    graph.writeBytes(message(5, tensor));
  }

  private void constant(String name, byte[] value, String attribute) {
    int type = attribute.equals("value") ? 4 : 6;
    byte[] told = join(message(1, utf8(attribute)), value, number(20, type));
    graph.writeBytes(
        message(1, join(message(2, utf8(name)), message(4, utf8("Constant")), message(5, told))));
  }

  private void node(String operation, String name, String output, String... inputs) {
    byte[] node = new byte[0];
    for (String input : inputs) {
      node = join(node, message(1, utf8(input)));
    }
    graph.writeBytes(
        message(
            1,
            join(
                node,
                message(2, utf8(output)),
                message(3, utf8(name)),
                message(4, utf8(operation)))));
  }

  private static String sha1(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
