package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Safetensors files of every type that is read. */
final class SafetensorsSamples {

  private SafetensorsSamples() {}

  static Sample of(SplittableRandom random) {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    Map<String, Sample.Tensor> tensors = new LinkedHashMap<>();
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      SoundFiles.Kind kind = SoundFiles.Kind.any(random);
      long[] shape = SoundFiles.shape(random.nextInt(2, 6), random);
      double[] values = new double[SoundFiles.elements(shape)];
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * kind.size).order(ByteOrder.LITTLE_ENDIAN);
      for (int k = 0; k < values.length; k++) {
        values[k] = kind.put(bytes, random);
      }
      String entry = ",\"t%d\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}";
      int start = data.size();
      data.writeBytes(bytes.array());
      header.append(entry.formatted(i, code(kind), Arrays.toString(shape), start, data.size()));
      tensors.put("t" + i, new Sample.Tensor(values, shape));
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(data.toByteArray());
    return new Sample(file.array(), ".safetensors", tensors, false);
  }

  private static String code(SoundFiles.Kind kind) {
    int bits = 8 * kind.size;
    return switch (kind) {
      case FLOAT, DOUBLE, HALF -> "F" + bits;
      case BFLOAT -> "BF16";
      case TRUTH -> "BOOL";
      default -> (kind.name().startsWith("SIGNED") ? "I" : "U") + bits;
    };
  }
}
