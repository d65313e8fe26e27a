package org.palimpsest.io.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.weights.WeightFiles;

/**
 * Files whose names are long, many, nested, or the same object in many places, so that what they
 * mean is far larger than what they are. Right is the number of tensors or a refusal, for an amount
 * of memory that goes with the size of the file.
 */
final class SwollenNames {

  private static final long FREE = 128L << 20;
  private static final long EACH_BYTE = 100;

  /** Buffers, which do not stay. */
  private static final long EACH_TENSOR = 1 << 19;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final SplittableRandom random;
  private final int length;
  private final int depth;
  private int tensors;

  private SwollenNames(SplittableRandom random) {
    this.random = random;
    this.length = skewed(1 << 16);
    this.depth = skewed(200);
    this.tensors = skewed(1000);
  }

  /** What is wrong with the reading of the file of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    SwollenNames made = new SwollenNames(new SplittableRandom(seed));
    return switch (made.random.nextInt(5)) {
      case 0 -> made.judge(made.npz(), folder.resolve("swollen.npz"), true);
      case 1 -> made.judge(made.safetensors(), folder.resolve("swollen.safetensors"), false);
      case 2 -> made.judge(made.sharedDictionaries(), folder.resolve("swollen.pth"), false);
      default -> made.judge(made.nestedDictionaries(), folder.resolve("swollen.pth"), false);
    };
  }

  /** Small as often as large. */
  private int skewed(int most) {
    return (int) Math.exp(random.nextDouble() * Math.log(most));
  }

  private String judge(byte[] content, Path file, boolean dump) throws IOException {
    Files.write(file, content);
    long room = FREE + EACH_BYTE * content.length + EACH_TENSOR * Math.min(tensors, 1000);
    Supplier<Integer> reading =
        () -> dump ? Dumps.open(file).layers().size() : WeightFiles.read(file).tensors().size();
    String what =
        "%d tensors, depth %d, names of %d in %d bytes"
            .formatted(tensors, depth, length, content.length);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      int found = reading.get();
      if (found != tensors) {
        return "%d instead of %s".formatted(found, what);
      }
    } catch (PalimpsestException refused) {
      // as right as reading it
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      return failure + " of " + what;
    }
    long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
    return taken <= room ? "" : "%d MB for %s".formatted(taken >> 20, what);
  }

  /** Dictionaries within each other under one name that is stored once. */
  private byte[] nestedDictionaries() {
    PickleWriter pickle = new PickleWriter(2).step('}');
    pickle.text("n".repeat(length)).steps("q\u0001").step('}');
    for (int i = 1; i < depth; i++) {
      pickle.steps("h\u0001").step('}');
    }
    for (int i = 0; i < tensors; i++) {
      pickle.text(i + ".weight");
      tensor(pickle, i).step('s');
    }
    for (int i = 0; i < depth; i++) {
      pickle.step('s');
    }
    return archive(pickle.bytes());
  }

  /** Dictionaries that hold the next one several times. */
  private byte[] sharedDictionaries() {
    int levels = Math.min(depth, 30);
    int copies = random.nextInt(1, 4);
    PickleWriter pickle = new PickleWriter(2).step('}').steps("q\u0002");
    pickle.text("weight".repeat(1 + length / 1000));
    tensor(pickle, 0).steps("s0");
    tensors = 1;
    for (int level = 0; level < levels; level++) {
      pickle.step('}');
      for (int i = 0; i < copies; i++) {
        pickle.text("part" + i).steps("h\u0002").step('s');
      }
      pickle.steps("q\u0002").step('0');
      tensors = Math.multiplyExact(Math.min(tensors, 1 << 28), copies);
    }
    return archive(pickle.steps("h\u0002").bytes());
  }

  private static PickleWriter tensor(PickleWriter pickle, int number) {
    pickle.global("torch._utils", "_rebuild_tensor_v2").step('(').step('(');
    pickle.text("storage").global("torch", "FloatStorage").text("0").text("cpu").number(4);
    pickle.steps("tQ").number(number % 4).numbers(1).numbers(1).truth(false);
    return pickle.global("collections", "OrderedDict").call().steps("tR");
  }

  private byte[] archive(byte[] pickle) {
    ForgedZip zip = new ForgedZip();
    zip.add("archive/data.pkl", pickle, false);
    zip.add("archive/data/0", new byte[4 * Float.BYTES], false);
    zip.add("archive/version", "3\n".getBytes(UTF_8), false);
    return zip.bytes();
  }

  private byte[] npz() {
    String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }\n";
    ByteBuffer array = ByteBuffer.allocate(10 + text.length() + Float.BYTES);
    array.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93).put("NUMPY\1\0".getBytes(UTF_8));
    array.putShort((short) text.length()).put(text.getBytes(UTF_8));
    String folders = "d/".repeat(Math.min(depth, 30_000));
    String name = folders + "n".repeat(Math.min(length, 5_000_000 / tensors % 60_000));
    ForgedZip zip = new ForgedZip();
    for (int i = 0; i < tensors; i++) {
      zip.add(i + name + ".npy", array.array(), random.nextBoolean());
    }
    return zip.bytes();
  }

  private byte[] safetensors() {
    String name = "n".repeat(Math.min(length, 5_000_000 / tensors)) + ".p".repeat(depth);
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < tensors; i++) {
      header.append(i == 0 ? "\"" : ",\"").append(i).append(name);
      header.append("\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[");
      header.append(4 * i).append(',').append(4 * i + 4).append("]}");
    }
    byte[] json = header.append('}').toString().getBytes(UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + Float.BYTES * tensors);
    return bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json).array();
  }
}
