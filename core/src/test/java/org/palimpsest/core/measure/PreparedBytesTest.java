package org.palimpsest.core.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;

/** Prepared layers as bytes: what is written is read again, and nothing else is. */
class PreparedBytesTest {

  private static final Representation.Info INFO =
      new Representation.Info(
          "übung.1", 6, 2, 3, new Fingerprint("ab".repeat(32)), "positions 3x1");

  private record Layer(Representation.Info info, INDArray matrix, int[] order, float[] norms)
      implements Prepared {}

  private record Format() implements PreparedFormat<Layer> {

    @Override
    public void write(Layer layer, PreparedOutput out) throws IOException {
      out.writeInfo(layer.info());
      out.writeTensor(layer.matrix());
      out.writeInts(layer.order());
      out.writeFloats(layer.norms());
    }

    @Override
    public Layer read(PreparedInput in) throws IOException {
      return new Layer(in.readInfo(), in.readTensor(), in.readInts(), in.readFloats());
    }
  }

  private interface Writing {
    void to(PreparedOutput out) throws IOException;
  }

  private static byte[] bytes(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writing.to(new PreparedOutput(bytes));
    return bytes.toByteArray();
  }

  private static PreparedInput input(byte[] bytes) {
    return new PreparedInput(new ByteArrayInputStream(bytes), bytes.length);
  }

  private static byte[] sealed() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    INDArray matrix = Nd4j.createFromArray(new double[][] {{1, -2}, {0.1, 4}});
    Prepared.Sealed.write(
        new Layer(INFO, matrix, new int[] {2, 0, 1}, new float[] {0.5f}), new Format(), bytes);
    return bytes.toByteArray();
  }

  private static Layer unsealed(byte[] bytes) throws IOException {
    return Prepared.Sealed.read(new ByteArrayInputStream(bytes), bytes.length, new Format());
  }

  @Property(tries = 50)
  void numbersComeBackToTheBit(
      @ForAll @Size(max = 20) int[] ints,
      @ForAll @Size(max = 20) float[] floats,
      @ForAll @Size(max = 20) double[] doubles,
      @ForAll String text,
      @ForAll long big)
      throws IOException {
    byte[] bytes =
        bytes(
            out -> {
              out.writeInts(ints);
              out.writeFloats(floats);
              out.writeText(text);
              out.writeDoubles(doubles);
              out.writeLong(big);
              out.writeBoolean(ints.length > floats.length);
            });
    PreparedInput in = input(bytes);

    assertThat(in.readInts()).containsExactly(ints);
    assertThat(in.readFloats()).containsExactly(floats);
    assertThat(in.readText()).isEqualTo(new String(text.getBytes("UTF-8"), "UTF-8"));
    assertThat(in.readDoubles()).containsExactly(doubles);
    assertThat(in.readLong()).isEqualTo(big);
    assertThat(in.readBoolean()).isEqualTo(ints.length > floats.length);
    assertThat(in.left()).isZero();
  }

  /** Blocks of 8192 elements are joined without a seam. */
  @ParameterizedTest
  @ValueSource(ints = {8191, 8192, 8193, 20_000})
  void longArraysAreWrittenInBlocks(int length) throws IOException {
    double[] doubles = new Random(length).doubles(length).toArray();
    int[] ints = new Random(length).ints(length).toArray();
    INDArray single = Nd4j.createFromArray(doubles).castTo(DataType.FLOAT).reshape(1, length);
    byte[] bytes =
        bytes(
            out -> {
              out.writeDoubles(doubles);
              out.writeInts(ints);
              out.writeTensor(single);
            });
    PreparedInput in = input(bytes);

    assertThat(in.readDoubles()).containsExactly(doubles);
    assertThat(in.readInts()).containsExactly(ints);
    assertThat(in.readTensor()).isEqualTo(single);
  }

  @Property(tries = 30)
  void aTensorKeepsItsShapeTypeAndElementsWhateverItsOrder(
      @ForAll @IntRange(min = 1, max = 4) int rows,
      @ForAll @IntRange(min = 1, max = 4) int columns,
      @ForAll boolean isSingle,
      @ForAll boolean isTransposed)
      throws IOException {
    INDArray values =
        Nd4j.arange((double) rows * columns)
            .reshape(rows, columns)
            .castTo(isSingle ? DataType.FLOAT : DataType.DOUBLE);
    INDArray tensor = isTransposed ? values.transpose() : values.dup('f');
    INDArray read = input(bytes(out -> out.writeTensor(tensor))).readTensor();

    assertThat(read).isEqualTo(tensor);
    assertThat(read.dataType()).isEqualTo(tensor.dataType());
    assertThat(read.ordering()).isEqualTo('c');
  }

  @Test
  void aScalarIsATensorToo() throws IOException {
    INDArray read = input(bytes(out -> out.writeTensor(Nd4j.scalar(2.5)))).readTensor();

    assertThat(read.getDouble(0)).isEqualTo(2.5);
  }

  @Test
  void whatIsKnownOfALayerComesBackWhole() throws IOException {
    assertThat(input(bytes(out -> out.writeInfo(INFO))).readInfo()).isEqualTo(INFO);
  }

  @Test
  void aLengthForWhichThereAreNoBytesIsAnErrorBeforeAnythingIsAllocated() throws IOException {
    byte[] huge = bytes(out -> out.writeInt(Integer.MAX_VALUE));
    byte[] negative = bytes(out -> out.writeInt(-1));

    assertThatThrownBy(() -> input(huge).readDoubles()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> input(huge).readText()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> input(negative).readInts()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> input(negative).readFloats()).isInstanceOf(EOFException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -3, Long.MAX_VALUE})
  void aTensorOfAnImpossibleExtentIsAnError(long extent) throws IOException {
    byte[] bytes =
        bytes(
            out -> {
              out.writeBoolean(true);
              out.writeInt(2);
              out.writeLong(4);
              out.writeLong(extent);
              out.writeFloats(new float[4]);
            });

    assertThatThrownBy(() -> input(bytes).readTensor()).isInstanceOf(EOFException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 33, Integer.MAX_VALUE})
  void aTensorOfAnImpossibleRankIsAnError(int rank) throws IOException {
    byte[] bytes =
        bytes(
            out -> {
              out.writeBoolean(false);
              out.writeInt(rank);
            });

    assertThatThrownBy(() -> input(bytes).readTensor())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("rank " + rank);
  }

  @Test
  void aSealedLayerIsWhatWasSealed() throws IOException {
    Layer layer = unsealed(sealed());

    assertThat(layer.info()).isEqualTo(INFO);
    assertThat(layer.matrix()).isEqualTo(Nd4j.createFromArray(new double[][] {{1, -2}, {0.1, 4}}));
    assertThat(layer.order()).containsExactly(2, 0, 1);
    assertThat(layer.norms()).containsExactly(0.5f);
  }

  @Test
  void noBitOfASealedLayerCanChangeUnnoticed() throws IOException {
    byte[] whole = sealed();
    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] changed = whole.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);

      assertThatThrownBy(() -> unsealed(changed))
          .as("bit %d of %d bytes", bit, whole.length)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aSealedLayerThatIsCutOrContinuedIsAnError() throws IOException {
    byte[] whole = sealed();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);

      assertThatThrownBy(() -> unsealed(cut)).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> unsealed(Arrays.copyOf(whole, whole.length + 1)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void withoutAPlaceOutsideMemoryNothingIsPutAway() {
    try (Spill none = Spill.none()) {
      Layer layer = new Layer(INFO, Nd4j.ones(1, 1), new int[0], new float[0]);

      assertThat(none.isThere()).isFalse();
      assertThatThrownBy(() -> none.write(layer, new Format()))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> none.read(0, new Format()))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }
}
