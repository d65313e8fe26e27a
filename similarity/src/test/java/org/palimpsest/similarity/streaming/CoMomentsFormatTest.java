package org.palimpsest.similarity.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.Measures;

/**
 * A file as docs/co-moments.md lays it out, byte by byte. Four samples, x = 5 + 2u with u = 0, 1,
 * 2, 0, and y = (0, 0), (1, 0), (0, 1), (1, 1); the sums were worked out by hand.
 */
class CoMomentsFormatTest {

  private static final int WITHOUT_TYPES = 1;
  private static final int NOW = 2;

  private static byte[] file(int version) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeBytes("PALIMCOM");
    out.writeInt(version);
    out.writeByte(1);
    out.writeByte(0);
    out.writeInt(1);
    head(out, version, "x", 1, 2);
    doubles(out, 5);
    doubles(out, 3);
    doubles(out, 5);
    doubles(out, 5, 17);
    doubles(out, 9);
    out.writeInt(1);
    head(out, version, "y", 2, 1);
    doubles(out, 0, 0);
    doubles(out, 2, 2);
    doubles(out, 2, 1, 1, 2);
    doubles(out, 4, 6);
    doubles(out, 3, 3);
    doubles(out, 1, 2);
    doubles(out, 5);
    doubles(out, 1, 4);
    doubles(out, 3);
    CRC32 sum = new CRC32();
    sum.update(bytes.toByteArray());
    out.writeLong(sum.getValue());
    return bytes.toByteArray();
  }

  private static void head(DataOutputStream out, int version, String name, int width, double unit)
      throws IOException {
    out.writeUTF(name);
    out.writeLong(4);
    out.writeInt(width);
    out.writeInt(1);
    out.writeUTF("");
    out.writeUTF("flatten");
    if (version != WITHOUT_TYPES) {
      out.writeBoolean(false);
    }
    out.writeDouble(unit);
  }

  private static void doubles(DataOutputStream out, double... values) throws IOException {
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  private static CoMoments read(int version) throws IOException {
    return CoMoments.read(new ByteArrayInputStream(file(version)));
  }

  /**
   * Centred, Σ u² = 5 − 9/4 = 11/4, Σ u v = (1, 2) − 3/4 · (2, 2) = (−1/2, 1/2) and Σ v v' = the
   * identity, so that CKA is (1/4 + 1/4) / (11/4 · √2). The debiased value was worked out by NumPy
   * from Gram matrices without their diagonals: (−4/3) / √(32/3 · 1/6).
   */
  @Test
  void versionOneIsReadAsIfAllHadComeInFloat64() throws IOException {
    CoMoments moments = read(WITHOUT_TYPES);

    assertThat(moments.layersOfA().get(0).samples()).isEqualTo(4);
    assertThat(moments.layersOfB().get(0).features()).isEqualTo(2);
    assertThat(moments.compare(Measures.parse("linear_cka"), 0, 0).value())
        .isCloseTo(Math.sqrt(2) / 11, within(1e-14));
    assertThat(moments.compare(Measures.parse("debiased_linear_cka"), 0, 0).value())
        .isCloseTo(-1, within(1e-14));
  }

  @Test
  void versionOneIsWrittenAsVersionTwo() throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    read(WITHOUT_TYPES).write(written);

    assertThat(written.toByteArray()).isEqualTo(file(NOW));
  }

  @Test
  void aVersionOfTheFutureIsRefusedByNumber() {
    assertThatThrownBy(() -> read(3))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("version 3")
        .hasMessageContaining("versions 1 and 2");
  }
}
