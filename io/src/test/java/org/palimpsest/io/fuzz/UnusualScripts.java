package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.djl.TorchScriptNetwork;

/**
 * Makes TorchScript archives that are sound and unusual: modules of odd names, called once or
 * twice, with hooks before and after, with a state of their own, with long lines and deep brackets.
 * Every module computes {@code x * a + b}, so that what every layer must give is known exactly.
 */
final class UnusualScripts {

  private static final List<String> NAMES =
      List.of(
          "conv",
          "0",
          "a b",
          "output",
          "forward_x",
          "\u00e9",
          "training_",
          "\"q\"",
          "x",
          "_1",
          "a'b",
          "a,b",
          "a[b",
          "a(b",
          "a\tb",
          "a\nb",
          "self",
          "{}",
          "%s",
          "n".repeat(300));

  private final SplittableRandom random;
  private final StringBuilder classes = new StringBuilder();
  private final Map<String, String> hookFiles = new LinkedHashMap<>();
  private final Map<String, double[]> expected = new LinkedHashMap<>();
  private final Map<String, Integer> calls = new LinkedHashMap<>();
  private int count;

  /** A module: its class, how it is pickled, and what a call of it gives. */
  private record Module(String type, byte[] pickle, Called called) {}

  /** A call of a module at a path, which notes what its layers give. */
  private interface Called {
    double[] on(String path, double[] input);
  }

  private UnusualScripts(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** What is wrong with the capture of the network of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    UnusualScripts made = new UnusualScripts(seed);
    double[] probes = {1, -2, 3, 5, -7};
    Path file = Files.write(folder.resolve("unusual.pt"), made.archive(probes));
    try (TorchScriptNetwork network = TorchScriptNetwork.open(file)) {
      INDArray shown = Nd4j.createFromArray(new float[] {1, -2, 3, 5, -7}).reshape(5, 1);
      ActivationSet captured = network.capture(Probes.of(shown), LayerSelector.all());
      List<String> modules =
          captured.layers().stream().filter(layer -> !layer.startsWith("/")).toList();
      if (!modules.equals(List.copyOf(made.expected.keySet()))) {
        return "layers " + modules + " instead of " + made.expected.keySet();
      }
      for (Map.Entry<String, double[]> layer : made.expected.entrySet()) {
        INDArray values = captured.get(layer.getKey()).values();
        for (int i = 0; i < probes.length; i++) {
          if (values.getDouble(i) != layer.getValue()[i]) {
            return "layer "
                + layer.getKey()
                + " is "
                + values
                + " instead of "
                + layer.getValue()[i];
          }
        }
      }
      return "";
    } catch (RuntimeException | Error failure) {
      return failure.toString();
    }
  }

  private byte[] archive(double[] probes) throws IOException {
    Module root = module(0);
    root.called().on("", probes);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      data.writeBytes(new byte[] {(byte) 0x80, 2});
      data.writeBytes(root.pickle());
      data.write('.');
      put(zip, "net/data.pkl", data.toByteArray());
      put(zip, "net/code/__torch__.py", utf8(classes.toString()));
      for (Map.Entry<String, String> hook : hookFiles.entrySet()) {
        put(zip, "net/code/__torch__/" + hook.getKey() + ".py", utf8(hook.getValue()));
      }
      put(zip, "net/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      put(zip, "net/version", utf8("3\n"));
    }
    return bytes.toByteArray();
  }

  private Module module(int depth) {
    count++;
    String type = "M" + count;
    Map<String, Module> parts = parts(depth);
    List<String> order = new ArrayList<>();
    for (String name : parts.keySet()) {
      for (int times = random.nextInt(1, 3); times > 0; times--) {
        order.add(name);
      }
    }
    boolean stateful = random.nextInt(4) == 0;
    int a = random.nextInt(4) == 0 ? -1 : 1;
    int b = random.nextInt(-3, 4);
    Hooks hooks = new Hooks(random, type);
    classes.append(head(type, stateful, parts, hooks));
    classes.append(noise());
    classes.append(stateful ? "    self.n = torch.add(self.n, 1)\n" : "");
    classes.append("    y0 = torch.add(torch.mul(x, %d.), %d.)\n".formatted(a, b));
    for (int i = 0; i < order.size(); i++) {
      classes.append(call(order.get(i), parts, i));
    }
    classes.append(
        (stateful ? "    return torch.add(y%d, self.n)\n" : "    return y%d\n")
            .formatted(order.size()));
    for (String method : hooks.methods()) {
      classes.append("  ").append(method.strip().replace("\n", "\n  ")).append('\n');
    }
    hookFiles.put(type, String.join("", hooks.methods()));
    int[] state = {0};
    Called called =
        (path, input) -> {
          double[] y = each(hooks.before(input), v -> v * a + b);
          state[0] += stateful ? 1 : 0;
          for (String name : order) {
            y = parts.get(name).called().on(path.isEmpty() ? name : path + "." + name, y);
          }
          int n = state[0];
          double[] result = hooks.after(each(y, v -> v + n));
          note(path, result, parts.containsKey("output"));
          return result;
        };
    return new Module(type, pickle(type, stateful, parts), called);
  }

  private Map<String, Module> parts(int depth) {
    Map<String, Module> parts = new LinkedHashMap<>();
    for (int i = depth < 3 ? random.nextInt(3) : 0; i > 0; i--) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      if (!parts.containsKey(name)) {
        parts.put(name, module(depth + 1));
      }
    }
    return parts;
  }

  private static String head(
      String type, boolean stateful, Map<String, Module> parts, Hooks hooks) {
    StringBuilder text = new StringBuilder("class " + type + "(Module):\n");
    text.append("  __parameters__ = []\n  __buffers__ = []\n").append(hooks.lists());
    text.append("  training : bool\n").append(stateful ? "  n : int\n" : "");
    parts.forEach(
        (name, part) ->
            text.append(
                "  __annotations__[%s] = __torch__.%s\n"
                    .formatted(literal(name, false), part.type())));
    text.append("  def forward(self: __torch__.%s,\n    x: Tensor) -> Tensor:\n".formatted(type));
    return text.toString();
  }

  private void note(String path, double[] values, boolean outputTaken) {
    int call = calls.merge(path, 1, Integer::sum);
    String name = path.isEmpty() ? outputTaken ? "network_output" : "output" : path;
    expected.put(call == 1 ? name : name + "#" + call, values);
  }

  /** The module by a local, through one attribute after the other, or through brackets. */
  private String call(String name, Map<String, Module> parts, int index) {
    StringBuilder text = new StringBuilder();
    Module part = parts.get(name);
    String reference = "getattr(self, %s)".formatted(literal(name, true));
    if (random.nextBoolean()) {
      text.append("    m%d = %s\n".formatted(index, reference));
      reference = "m" + index;
    } else if (random.nextBoolean()) {
      reference = "(".repeat(20) + reference + ")".repeat(20);
    }
    Hooks hooks = new Hooks(part.type(), hookFiles.getOrDefault(part.type(), ""));
    String input = "y" + index;
    String type = "__torch__." + part.type();
    if (hooks.hasBefore()) {
      text.append("    p%d = %s.before(%s, (%s,), )\n".formatted(index, type, reference, input));
      input = "(p%d)[0]".formatted(index);
    }
    String call = "(%s).forward(%s, )".formatted(reference, input);
    if (hooks.hasAfter()) {
      String callee = type + ".after";
      if (random.nextBoolean()) {
        text.append("    h%d = %s\n".formatted(index, callee));
        callee = "h" + index;
      }
      call = "%s(%s, (%s,), %s, )".formatted(callee, reference, input, call);
    }
    return text.append("    y%d = %s\n".formatted(index + 1, call)).toString();
  }

  /** Long ones are few, since libtorch takes tenths of a second for each. */
  private String noise() {
    return switch (random.nextInt(24)) {
      case 0 -> "    long = [" + "1, ".repeat(upTo(20_000)) + "]\n";
      case 1 -> "    deep = " + "(".repeat(150) + "1" + ")".repeat(150) + "\n";
      case 2 -> "    text = \"" + "(\\\"".repeat(upTo(10_000)) + "\"\n";
      case 3 -> "    sums = " + "torch.add(".repeat(100) + "1" + ", 1)".repeat(100) + "\n";
      default -> "";
    };
  }

  /** Small as often as large. */
  private int upTo(int most) {
    return (int) Math.exp(random.nextDouble() * Math.log(most));
  }

  /**
   * As PyTorch writes names: bytes that are no ASCII in octal, and apostrophes and tabs escaped in
   * calls alone.
   */
  private static String literal(String name, boolean call) {
    StringBuilder text = new StringBuilder("\"");
    for (byte b : utf8(name)) {
      switch (b) {
        case '"' -> text.append("\\\"");
        case '\n' -> text.append("\\n");
        case '\'' -> text.append(call ? "\\'" : "'");
        case '\t' -> text.append(call ? "\\t" : "\t");
        default ->
            text.append(b < 0 ? "\\" + Integer.toOctalString(b & 0xff) : String.valueOf((char) b));
      }
    }
    return text.append('"').toString();
  }

  private static byte[] pickle(String type, boolean stateful, Map<String, Module> parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(utf8("c__torch__\n" + type + "\n)"));
    out.write(0x81);
    out.writeBytes(utf8("}("));
    out.writeBytes(text("training"));
    out.write(0x89);
    if (stateful) {
      out.writeBytes(text("n"));
      out.writeBytes(new byte[] {'K', 0});
    }
    parts.forEach(
        (name, part) -> {
          out.writeBytes(text(name));
          out.writeBytes(part.pickle());
        });
    out.writeBytes(utf8("ub"));
    return out.toByteArray();
  }

  private static byte[] text(String text) {
    byte[] bytes = utf8(text);
    return ByteBuffer.allocate(bytes.length + 5)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 'X')
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private static double[] each(double[] values, DoubleUnaryOperator function) {
    return java.util.Arrays.stream(values).map(function).toArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  /** The hooks of a class: one that adds before a call, one that negates after it. */
  private static final class Hooks {

    private final String type;
    private final boolean before;
    private final boolean after;

    Hooks(SplittableRandom random, String type) {
      this.type = type;
      this.before = random.nextInt(3) == 0;
      this.after = random.nextInt(3) == 0;
    }

    Hooks(String type, String file) {
      this.type = type;
      this.before = file.contains("def before");
      this.after = file.contains("def after");
    }

    boolean hasBefore() {
      return before;
    }

    boolean hasAfter() {
      return after;
    }

    String lists() {
      return (before ? "  __forward_pre_hooks__ = [\"before\", ]\n" : "")
          + (after ? "  __forward_hooks__ = [\"after\", ]\n" : "");
    }

    List<String> methods() {
      List<String> methods = new ArrayList<>();
      if (before) {
        methods.add(
            "def before(self: __torch__.%s,\n    input: Tuple[Tensor]) -> Tuple[Tensor]:\n  return (torch.add((input)[0], 1.),)\n"
                .formatted(type));
      }
      if (after) {
        methods.add(
            "def after(self: __torch__.%s,\n    input: Tuple[Tensor],\n    output: Tensor) -> Tensor:\n  return torch.mul(output, -1.)\n"
                .formatted(type));
      }
      return methods;
    }

    double[] before(double[] input) {
      return before ? each(input, v -> v + 1) : input;
    }

    double[] after(double[] output) {
      return after ? each(output, v -> -v) : output;
    }
  }
}
