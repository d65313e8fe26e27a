package org.palimpsest.io.internal.torchscript;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Walks over a pickle's opcodes; builds no objects, and stops where it does not understand. */
final class PickleScanner {

  private static final String TRAINING = "training";

  private final ByteBuffer pickle;
  private final Map<Integer, String> memo = new HashMap<>();
  private final Set<String> storages = new LinkedHashSet<>();
  private String firstGlobal = "";
  private boolean savedInTraining;
  private @Nullable String lastString;

  PickleScanner(byte[] bytes) {
    pickle = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  PickleSummary scan() {
    try {
      while (step(pickle.get())) {}
    } catch (BufferUnderflowException | IllegalArgumentException truncated) {
      // What was seen so far is all that can be told; the runtime will say what is wrong.
    }
    return new PickleSummary(firstGlobal, savedInTraining, storages);
  }

  /** Takes one opcode with its argument; false at the end. */
  private boolean step(byte opcode) {
    switch (opcode & 0xff) {
      case 'c' -> global(line(), line());
      case 'X' -> lastString = text(pickle.getInt());
      case 'q' -> remember(pickle.get() & 0xff);
      case 'r' -> remember(pickle.getInt());
      case 'h' -> lastString = memo.get(pickle.get() & 0xff);
      case 'j' -> lastString = memo.get(pickle.getInt());
      case 0x88 -> truth();
      default -> {
        return other(opcode & 0xff);
      }
    }
    return true;
  }

  private boolean other(int opcode) {
    lastString = null;
    int argument =
        switch (opcode) {
          case '(', ')', '}', ']', 't', 'Q', 'N', 'R', 'b', 'u', 's', 'e', 'a', '0', 'l', 'd' -> 0;
          case 0x81, 0x85, 0x86, 0x87, 0x89 -> 0;
          case 0x80, 'K' -> 1;
          case 'M' -> 2;
          case 'J' -> Integer.BYTES;
          case 'G' -> Double.BYTES;
          case 0x8a, 'U' -> pickle.get() & 0xff;
          case 'T', 'B' -> pickle.getInt();
          default -> -1;
        };
    if (argument < 0) {
      return false;
    }
    pickle.position(pickle.position() + argument);
    return true;
  }

  private void global(String module, String name) {
    lastString = null;
    if (firstGlobal.isEmpty()) {
      firstGlobal = module + "." + name;
    }
    if (module.equals("torch") && name.endsWith("Storage")) {
      storages.add(name);
    }
  }

  private void truth() {
    savedInTraining |= TRAINING.equals(lastString);
    lastString = null;
  }

  private void remember(int index) {
    if (lastString != null) {
      memo.put(index, lastString);
    }
  }

  private String text(int length) {
    if (length < 0 || length > pickle.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    pickle.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (byte b = pickle.get(); b != '\n'; b = pickle.get()) {
      line.append((char) (b & 0xff));
    }
    return line.toString();
  }
}
