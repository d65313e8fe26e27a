package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/** A JSON object whose last field is the checksum of all bytes before it. */
final class SealedJson {

  /** Writes the fields of the object. */
  @FunctionalInterface
  interface Fields {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private static final String SEAL = ",\n  \"crc32\" : \"%08x\"\n}\n";
  private static final int SEAL_LENGTH = String.format(Locale.ROOT, SEAL, 0).length();
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
          .build();

  private SealedJson() {}

  static void write(OutputStream out, Fields fields) throws IOException {
    CheckedOutputStream summed = new CheckedOutputStream(out, new CRC32());
    try (JsonGenerator json = JSON.createGenerator(summed)) {
      json.setPrettyPrinter(
          new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));
      json.writeStartObject();
      fields.writeTo(json);
    }
    out.write(seal(summed.getChecksum().getValue()));
  }

  private static byte[] seal(long sum) {
    return String.format(Locale.ROOT, SEAL, sum).getBytes(StandardCharsets.UTF_8);
  }

  /** Passes such an object on, and sums up all of it but its end. */
  static final class Input extends FilterInputStream {

    private final CRC32 sum = new CRC32();
    private byte[] end = new byte[0];

    Input(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int most) throws IOException {
      int count = super.read(bytes, from, most);
      if (count > 0) {
        byte[] known = Arrays.copyOf(end, end.length + count);
        System.arraycopy(bytes, from, known, end.length, count);
        int summed = Math.max(0, known.length - SEAL_LENGTH);
        sum.update(known, 0, summed);
        end = Arrays.copyOfRange(known, summed, known.length);
      }
      return count;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    @Override
    public long skip(long most) throws IOException {
      throw new IOException("nothing of it is passed over");
    }

    /** Reads what is left, and makes sure that all was as it was written. */
    void requireSeal() throws IOException {
      transferTo(OutputStream.nullOutputStream());
      if (!Arrays.equals(end, seal(sum.getValue()))) {
        throw new IOException(
            "its checksum is of another content, or missing, as in files of earlier versions");
      }
    }
  }
}
