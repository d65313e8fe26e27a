package org.palimpsest.io.djl;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What Python's forward hooks saw, from a file of make_torchscript_fixtures.py. */
record HookedActivations(INDArray probes, Map<String, INDArray> layers) {

  private static final Pattern HEADER =
      Pattern.compile("'descr': '([^']+)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");
  private static final int HEADER_LENGTH_AT = 8;
  private static final int HEADER_AT = 10;

  static Path archive(String name) {
    try {
      return Path.of(
          HookedActivations.class
              .getResource("/org/palimpsest/io/internal/torchscript/" + name)
              .toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static HookedActivations read(String name) throws IOException {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(archive(name + ".npz").toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        byte[] content = zip.getInputStream(entry).readAllBytes();
        arrays.put(entry.getName().replaceFirst("\\.npy$", ""), array(content));
      }
    }
    return new HookedActivations(arrays.remove("probes"), arrays);
  }

  private static INDArray array(byte[] npy) {
    ByteBuffer bytes = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = bytes.getShort(HEADER_LENGTH_AT) & 0xffff;
    Matcher header =
        HEADER.matcher(new String(npy, HEADER_AT, headerLength, StandardCharsets.US_ASCII));
    if (!header.find()) {
      throw new IllegalStateException("not an array in C order");
    }
    long[] shape =
        Arrays.stream(header.group(2).split(","))
            .map(String::strip)
            .filter(extent -> !extent.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    bytes.position(HEADER_AT + headerLength);
    double[] values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (header.group(1)) {
            case "<f4" -> bytes.getFloat();
            case "<f8" -> bytes.getDouble();
            case "<i8" -> bytes.getLong();
            default -> throw new IllegalStateException(header.group(1));
          };
    }
    DataType type = header.group(1).equals("<f4") ? DataType.FLOAT : DataType.DOUBLE;
    return Nd4j.create(values, shape, 'c').castTo(type);
  }
}
