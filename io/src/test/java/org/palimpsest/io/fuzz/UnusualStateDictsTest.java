package org.palimpsest.io.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.internal.weights.WeightFiles;

/**
 * State dicts that PyTorch could have written, in unusual but sound forms: views of shared storages
 * with any strides, all types, both byte orders, signs put off, every way to make a dictionary,
 * settings beside them that name Python objects. Right is: exactly the numbers; or, where a name
 * runs commands in Python, a refusal by that name.
 *
 * <p>{@code -Dfuzz.mutants=20000 -Dfuzz.seed=1} runs the whole campaign.
 */
class UnusualStateDictsTest {

  private enum Type {
    DoubleStorage(8),
    FloatStorage(4),
    HalfStorage(2),
    BFloat16Storage(2),
    LongStorage(8),
    IntStorage(4),
    ShortStorage(2),
    CharStorage(1),
    ByteStorage(1);

    private final int size;

    Type(int size) {
      this.size = size;
    }

    void put(ByteBuffer bytes, int value) {
      switch (this) {
        case DoubleStorage -> bytes.putDouble(value);
        case FloatStorage -> bytes.putFloat(value);
        case HalfStorage -> bytes.putShort(half(value));
        case BFloat16Storage -> bytes.putShort((short) (Float.floatToIntBits(value) >>> 16));
        case LongStorage -> bytes.putLong(value);
        case IntStorage -> bytes.putInt(value);
        case ShortStorage -> bytes.putShort((short) value);
        default -> bytes.put((byte) value);
      }
    }

    private static short half(int value) {
      int bits = Float.floatToIntBits(value);
      int exponent = (bits >>> 23 & 0xff) - 127 + 15;
      return (short) (value == 0 ? 0 : exponent << 10 | bits >>> 13 & 0x3ff);
    }
  }

  private record Storage(Type type, int[] numbers) {}

  private record View(
      String name, int storage, int offset, int[] shape, int[] strides, String property) {

    double[] values(Storage of) {
      int count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      double[] values = new double[count];
      for (int i = 0; i < count; i++) {
        int rest = i;
        int at = offset;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
          at += rest % shape[axis] * strides[axis];
          rest /= shape[axis];
        }
        values[i] = of.numbers[at];
        values[i] = property.endsWith("neg") ? -values[i] : values[i];
      }
      return values;
    }
  }

  private record Made(byte[] file, Map<String, double[]> truth, String harmful, String how) {}

  private static final List<String> HONEST =
      List.of("enum", "range", "function", "builtin", "method", "none", "none", "none");
  private static final List<List<String>> HARMFUL =
      List.of(
          List.of("os", "system"),
          List.of("posix", "system"),
          List.of("builtins", "eval"),
          List.of("subprocess", "Popen"),
          List.of("torch.utils.collect_env", "run"),
          List.of("pydoc", "pipepager"),
          List.of("uuid", "_popen"),
          List.of("doctest", "debug_script"),
          List.of("joblib", "load"),
          List.of("pandas", "read_pickle"));

  @TempDir Path folder;

  private static Made make(SplittableRandom random) {
    List<Storage> storages = new ArrayList<>();
    List<View> views = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      Type type = Type.values()[random.nextInt(Type.values().length)];
      storages.add(new Storage(type, random.ints(4 + random.nextInt(60), 0, 120).toArray()));
    }
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      int storage = random.nextInt(storages.size());
      views.add(view("block." + i + ".weight", storage, storages.get(storage), random));
    }
    boolean big = random.nextInt(4) == 0;
    String prefix =
        List.of("", "", "module.", "_orig_mod.", "module._orig_mod.").get(random.nextInt(5));
    String setting = random.nextInt(6) == 0 ? "harmful" : HONEST.get(random.nextInt(HONEST.size()));
    String entry = List.of("", "state_dict", "model", "network_weights").get(random.nextInt(4));
    PickleWriter pickle = new PickleWriter(2 + random.nextInt(4));
    String harmful = setting(pickle, setting, entry, random);
    String form = dictionary(pickle, prefix, views, storages, random);
    pickle.steps(entry.isEmpty() ? "" : "s");
    Map<String, double[]> truth = new LinkedHashMap<>();
    views.forEach(v -> truth.put(v.name, v.values(storages.get(v.storage))));
    byte[] file = archive(pickle.bytes(), storages, big, random);
    return new Made(file, truth, harmful, setting + " " + form + " " + prefix + " " + views);
  }

  private static View view(String name, int index, Storage storage, SplittableRandom random) {
    int length = storage.numbers.length;
    int offset = random.nextInt(length);
    int rank = random.nextInt(5);
    int[] shape = new int[rank];
    int[] strides = new int[rank];
    int last = offset;
    for (int axis = 0; axis < rank; axis++) {
      strides[axis] = random.nextInt(5);
      int most = strides[axis] == 0 ? 3 : 1 + (length - 1 - last) / strides[axis];
      shape[axis] = 1 + random.nextInt(Math.min(4, most));
      last += (shape[axis] - 1) * strides[axis];
    }
    boolean signed = storage.type != Type.ByteStorage;
    String property =
        List.of("", "", "plain", "neg", "tagged neg").get(random.nextInt(signed ? 5 : 3));
    return new View(name, index, offset, shape, strides, property);
  }

  /** What a checkpoint holds beside its weights; gives a name that must be refused. */
  private static String setting(
      PickleWriter pickle, String setting, String entry, SplittableRandom random) {
    if (entry.isEmpty() && !setting.equals("harmful")) {
      return "";
    }
    List<String> harmful = HARMFUL.get(random.nextInt(HARMFUL.size()));
    pickle.step('}').text("setting");
    switch (setting) {
      case "enum" ->
          pickle
              .global("builtins", "getattr")
              .step('(')
              .global("settings", "Mode")
              .text("LINEAR")
              .steps("tR");
      case "range" -> pickle.global("__builtin__", "xrange").numbers(0, 3, 1).step('R');
      case "function" -> pickle.global("torch", "relu");
      case "builtin" -> pickle.global("builtins", "max");
      case "method" ->
          pickle
              .global("__builtin__", "getattr")
              .step('(')
              .global("my.net", "Net")
              .call()
              .text("eval")
              .steps("tR");
      case "harmful" ->
          pickle.global(harmful.get(0), harmful.get(1)).step('(').text("id").steps("tR");
      default -> pickle.step('N');
    }
    pickle.step('s');
    if (entry.isEmpty()) {
      pickle.step('0');
    } else {
      pickle.text(entry);
    }
    return setting.equals("harmful") ? String.join(".", harmful) : "";
  }

  private static String dictionary(
      PickleWriter pickle,
      String prefix,
      List<View> views,
      List<Storage> storages,
      SplittableRandom random) {
    String form =
        List.of(
                "items",
                "item by item",
                "ordered",
                "from dict",
                "from pairs",
                "from tuple",
                "default",
                "own class",
                "mark")
            .get(random.nextInt(9));
    switch (form) {
      case "ordered" -> pickle.global("collections", "OrderedDict").call().step('(');
      case "from dict" -> pickle.global("collections", "OrderedDict").steps("}(");
      case "from pairs" -> pickle.global("collections", "OrderedDict").steps("](");
      case "from tuple" -> pickle.global("collections", "OrderedDict").steps("(");
      case "default" ->
          pickle.global("collections", "defaultdict").global("builtins", "list").steps("}(");
      case "own class" -> pickle.global("my.config", "Tree").step(')').step(0x81).step('(');
      case "mark" -> pickle.step('(');
      case "items" -> pickle.steps("}(");
      default -> pickle.step('}');
    }
    boolean pairs = form.equals("from pairs") || form.equals("from tuple");
    for (View view : views) {
      pickle.text(prefix + view.name);
      tensor(pickle, view, storages.get(view.storage));
      pickle.steps(pairs ? "\u0086" : form.equals("item by item") ? "s" : "");
    }
    switch (form) {
      case "from dict" -> pickle.step('u').step(0x85).step('R');
      case "from pairs" -> pickle.step('e').step(0x85).step('R');
      case "from tuple" -> pickle.step('t').step(0x85).step('R');
      case "default" -> pickle.step('u').step(0x86).step('R');
      case "mark" -> pickle.step('d');
      case "item by item" -> {}
      default -> pickle.step('u');
    }
    return form;
  }

  private static void tensor(PickleWriter pickle, View view, Storage storage) {
    pickle.global("torch._utils", "_rebuild_tensor_v2").step('(');
    pickle.step('(').text("storage").global("torch", storage.type.name());
    pickle.text(String.valueOf(view.storage)).text("cpu").number(storage.numbers.length);
    pickle.steps("tQ").number(view.offset);
    pickle.numbers(Arrays.stream(view.shape).asLongStream().toArray());
    pickle.numbers(Arrays.stream(view.strides).asLongStream().toArray());
    pickle.truth(false).global("collections", "OrderedDict").call();
    if (!view.property.isEmpty()) {
      boolean tagged = view.property.startsWith("tagged"); // as TorchScript does
      pickle.steps(tagged ? "ctorch.jit._pickle\nrestore_type_tag\n" : "").step('}');
      if (view.property.endsWith("neg")) {
        pickle.text("neg").truth(true).step('s');
      }
      if (tagged) {
        pickle.text("Dict[str, bool]").step(0x86).step('R');
      }
    }
    pickle.steps("tR");
  }

  private static byte[] archive(
      byte[] pickle, List<Storage> storages, boolean big, SplittableRandom random) {
    ForgedZip zip = new ForgedZip();
    zip.add("archive/data.pkl", pickle, random.nextBoolean());
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    if (big || random.nextBoolean()) {
      zip.add("archive/byteorder", (big ? "big" : "little").getBytes(UTF_8), false);
    }
    for (int i = 0; i < storages.size(); i++) {
      Storage storage = storages.get(i);
      ByteBuffer bytes = ByteBuffer.allocate(storage.numbers.length * storage.type.size);
      bytes.order(order);
      Arrays.stream(storage.numbers).forEach(number -> storage.type.put(bytes, number));
      zip.add("archive/data/" + i, bytes.array(), random.nextInt(8) == 0);
    }
    zip.add("archive/version", "3\n".getBytes(UTF_8), false);
    zip.zip64End = random.nextBoolean();
    return zip.bytes();
  }

  private static String judge(Path file, Made made) {
    try {
      Weights read = WeightFiles.read(file);
      if (!made.harmful.isEmpty()) {
        return "read in spite of " + made.harmful;
      }
      if (read.tensors().size() != made.truth.size()) {
        return "other tensors: " + read.tensors().stream().map(WeightTensor::name).toList();
      }
      for (WeightTensor tensor : read.tensors()) {
        double[] right = made.truth.get(tensor.name());
        double[] values = tensor.values().dup('c').ravel().toDoubleVector();
        for (int i = 0; right != null && i < right.length; i++) {
          if (values[i] != right[i]) {
            return "%s[%d] is %s, not %s".formatted(tensor.name(), i, values[i], right[i]);
          }
        }
        if (right == null || right.length != values.length) {
          return "other tensor " + tensor.name();
        }
      }
      return "";
    } catch (PalimpsestException refused) {
      String message = String.valueOf(refused.getMessage());
      boolean right = !made.harmful.isEmpty() && message.contains("'" + made.harmful + "'");
      return right ? "" : "refused: " + message;
    }
  }

  @Test
  void unusualButSoundStateDictsGiveTheirNumbers() throws IOException {
    SplittableRandom random = new SplittableRandom(Long.getLong("fuzz.seed", 1));
    int count = Integer.getInteger("fuzz.mutants", 400);
    List<String> findings = new ArrayList<>();
    Path file = folder.resolve("made.pth");
    for (int i = 0; i < count && findings.size() < 20; i++) {
      Made made = make(random);
      Files.write(file, made.file);
      String finding = judge(file, made);
      if (!finding.isEmpty()) {
        findings.add(i + " " + finding + " (" + made.how + ")");
      }
    }
    assertThat(findings).isEmpty();
  }
}
