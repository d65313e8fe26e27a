package org.palimpsest.reproduction.training.torchscript;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes a tree of modules as a pickle of protocol 2, in the form in which PyTorch keeps one.
 *
 * <p>Tensors refer to storages by their number, which is their place among the tree's slots.
 */
final class PickleWriter {

  private static final int PROTO = 0x80;
  private static final int NEW_OBJECT = 0x81;
  private static final int TRUE = 0x88;
  private static final int FALSE = 0x89;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int storages;

  private PickleWriter() {
    bytes.write(PROTO);
    bytes.write(2);
  }

  static byte[] emptyTuple() {
    PickleWriter writer = new PickleWriter();
    writer.emit(")");
    return writer.finish();
  }

  static byte[] module(ScriptModule root) {
    PickleWriter writer = new PickleWriter();
    writer.write(root);
    return writer.finish();
  }

  private byte[] finish() {
    emit(".");
    return bytes.toByteArray();
  }

  private void write(ScriptModule module) {
    global("__torch__", module.type());
    emit(")");
    bytes.write(NEW_OBJECT);
    emit("}(");
    text("training");
    bytes.write(FALSE);
    for (Map.Entry<String, Object> attribute : module.attributes().entrySet()) {
      text(attribute.getKey());
      writeValue(attribute.getValue());
    }
    emit("ub");
  }

  private void writeValue(Object value) {
    if (value instanceof ScriptModule child) {
      write(child);
    } else if (value instanceof Slot slot) {
      write(slot);
    } else {
      number((Integer) value);
    }
  }

  private void write(Slot slot) {
    global("torch._utils", "_rebuild_tensor_v2");
    emit("((");
    text("storage");
    global("torch", "FloatStorage");
    text(String.valueOf(storages++));
    text("cpu");
    number(slot.size());
    emit("tQ");
    number(0);
    tuple(slot.shape());
    tuple(strides(slot.shape()));
    bytes.write(slot.role().trained() ? TRUE : FALSE);
    global("collections", "OrderedDict");
    emit(")RtR");
  }

  private static List<Integer> strides(List<Integer> shape) {
    Integer[] strides = new Integer[shape.size()];
    int stride = 1;
    for (int axis = shape.size() - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape.get(axis);
    }
    return List.of(strides);
  }

  private void tuple(List<Integer> numbers) {
    emit("(");
    numbers.forEach(this::number);
    emit("t");
  }

  private void global(String module, String name) {
    emit("c" + module + "\n" + name + "\n");
  }

  private void text(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    emit("X");
    bytes.writeBytes(littleEndian(encoded.length));
    bytes.writeBytes(encoded);
  }

  private void number(int value) {
    emit("J");
    bytes.writeBytes(littleEndian(value));
  }

  private static byte[] littleEndian(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private void emit(String opcodes) {
    bytes.writeBytes(opcodes.getBytes(StandardCharsets.US_ASCII));
  }
}
