package org.palimpsest.core.internal.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;

/** Elements of tensors of all types, orders and strides, a stretch at a time. */
class TensorsTest {

  private static INDArray numbered(DataType type, long... shape) {
    long length = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Nd4j.arange((double) length).castTo(type).reshape('c', shape);
  }

  private static double[] read(INDArray tensor) {
    double[] values = new double[(int) tensor.length()];
    TensorReader.of(tensor).read(0, values);
    return values;
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE", "HALF", "BFLOAT16", "INT", "LONG", "SHORT", "BYTE", "UBYTE"})
  void everyTypeOfNumberIsRead(DataType type) {
    double[] read = read(numbered(type, 3, 4));
    assertThat(read).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    boolean isNarrow = type == DataType.FLOAT || type == DataType.HALF || type == DataType.BFLOAT16;
    assertThat(TensorReader.of(numbered(type, 3, 4)).type())
        .isEqualTo(isNarrow ? DataType.FLOAT : DataType.DOUBLE);
  }

  /** Views, whose elements lie apart in the memory of another tensor. */
  @Test
  void viewsAreReadInTheirOwnOrder() {
    INDArray whole = numbered(DataType.FLOAT, 4, 5);
    assertThat(read(whole.transpose())).startsWith(0, 5, 10, 15, 1, 6).hasSize(20);
    assertThat(read(whole.get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(2, 5))))
        .containsExactly(7, 8, 9, 12, 13, 14);
    assertThat(read(whole.get(NDArrayIndex.interval(0, 2, 4), NDArrayIndex.all())))
        .containsExactly(0, 1, 2, 3, 4, 10, 11, 12, 13, 14);
    assertThat(read(whole.getColumn(3))).containsExactly(3, 8, 13, 18);
    assertThat(read(whole.dup('f'))).isEqualTo(read(whole));
    assertThat(read(whole.reshape(2, 2, 5).swapAxes(0, 2))).startsWith(0, 10, 5, 15, 1, 11);
    assertThat(TensorReader.liesInOrder(whole)).isTrue();
    assertThat(TensorReader.liesInOrder(whole.transpose())).isFalse();
    assertThat(TensorReader.liesInOrder(whole.dup('f'))).isFalse();
    assertThat(TensorReader.liesInOrder(whole.get(NDArrayIndex.interval(1, 3)))).isFalse();
  }

  /** Around the lengths at which elements are read one by one, in one block, or in several. */
  @Property(tries = 60)
  void anyStretchIsRead(
      @ForAll @IntRange(min = 1, max = 20_000) int length,
      @ForAll long seed,
      @ForAll boolean isSingle) {
    SplittableRandom random = new SplittableRandom(seed);
    INDArray tensor = numbered(isSingle ? DataType.FLOAT : DataType.DOUBLE, length);
    TensorReader reader = TensorReader.of(tensor);
    int from = random.nextInt(length);
    int count = 1 + random.nextInt(length - from);
    double[] doubles = new double[count + 2];
    float[] floats = new float[count + 2];
    double[] sums = new double[count];
    Arrays.fill(sums, 0.5);
    Arrays.fill(doubles, -1);
    Arrays.fill(floats, -1);
    reader.read(from, doubles, count);
    reader.read(from, floats, count);
    reader.addTo(from, sums);
    for (int i = 0; i < count; i++) {
      assertThat(doubles[i]).isEqualTo(from + i);
      assertThat(floats[i]).isEqualTo(from + i);
      assertThat(sums[i]).isEqualTo(from + i + 0.5);
    }
    assertThat(doubles[count]).isEqualTo(-1);
    assertThat(floats[count + 1]).isEqualTo(-1);
  }

  @Property(tries = 60)
  void whatIsWrittenInStretchesIsReadAsAWhole(
      @ForAll @IntRange(min = 1, max = 20_000) int length,
      @ForAll long seed,
      @ForAll boolean isSingle,
      @ForAll boolean fromSingle) {
    SplittableRandom random = new SplittableRandom(seed);
    TensorWriter writer = TensorWriter.create(isSingle ? DataType.FLOAT : DataType.DOUBLE, length);
    double[] expected = new double[length];
    for (int done = 0; done < length; ) {
      int count = 1 + random.nextInt(length - done);
      float[] floats = new float[count];
      double[] doubles = new double[count];
      for (int i = 0; i < count; i++) {
        floats[i] = random.nextInt(1 << 20);
        doubles[i] = floats[i];
        expected[done + i] = doubles[i];
      }
      if (fromSingle) {
        writer.write(done, floats, count);
      } else {
        writer.write(done, doubles, count);
      }
      done += count;
    }
    assertThat(writer.tensor().dataType()).isEqualTo(isSingle ? DataType.FLOAT : DataType.DOUBLE);
    assertThat(read(writer.tensor())).isEqualTo(expected);
  }

  @Test
  void float64IsRoundedToFloat32AndFloat32IsKept() {
    double third = 1 / 3.0;
    TensorWriter single = TensorWriter.create(DataType.FLOAT, 2);
    single.write(0, new double[] {third, 1e-50}, 2);
    assertThat(read(single.tensor())).containsExactly((float) third, 0);
    TensorWriter twice = TensorWriter.create(DataType.DOUBLE, 1, 2);
    twice.write(0, new double[] {third, 1e-300}, 2);
    assertThat(read(twice.tensor())).containsExactly(third, 1e-300);
    float[] narrow = new float[2];
    TensorReader.of(twice.tensor()).read(0, narrow);
    assertThat(narrow).containsExactly((float) third, 0);
  }

  @Test
  void overwritingATensorLeavesTheRestOfIt() {
    INDArray tensor = numbered(DataType.DOUBLE, 300);
    TensorWriter.into(tensor).write(298, new double[] {-1, -2, -3}, 2);
    TensorWriter.into(tensor).write(0, new float[] {7}, 1);
    assertThat(read(tensor)).startsWith(7, 1, 2).endsWith(297, -1, -2);
  }

  /** Memory beyond a tensor is another's. */
  @ParameterizedTest
  @ValueSource(ints = {10, 1000})
  void elementsBeyondTheTensorAreRefused(int length) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      INDArray tensor = numbered(type, length);
      TensorReader reader = TensorReader.of(tensor);
      TensorWriter writer = TensorWriter.into(tensor);
      assertThatThrownBy(() -> reader.read(length - 1, new double[2]))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("of a tensor of " + length);
      assertThatThrownBy(() -> reader.read(-1, new float[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> reader.addTo(length, new double[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> writer.write(length - 1, new float[2], 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> writer.write(length, new double[1], 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(read(tensor)).startsWith(0, 1, 2).endsWith(length - 1);
    }
  }

  @Test
  void aClosedTensorIsNotRead() {
    for (int length : new int[] {10, 1000}) {
      INDArray tensor = numbered(DataType.FLOAT, length).dup('c');
      TensorReader reader = TensorReader.of(tensor);
      tensor.close();
      assertThatThrownBy(() -> reader.read(0, new double[1]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void aLayerWhoseFeaturesChangeIsNamed() {
    SteadyShapes shapes = new SteadyShapes();
    shapes.require("enc1", new long[] {8, 3, 4, 4}, 0);
    shapes.require("enc1", new long[] {5, 3, 4, 4}, 8);
    assertThatThrownBy(() -> shapes.require("enc1", new long[] {8, 3, 4, 5}, 13))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'enc1' answers the probes from number 13 on")
        .hasMessageContaining("[8, 3, 4, 5]")
        .hasMessageContaining("with [8, 3, 4, 4]");
    assertThatThrownBy(() -> shapes.require("enc1", new long[] {8, 48}, 13))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> shapes.require("late", new long[] {8, 3}, 8))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("the earlier ones not at all");
    shapes.require("enc1", new long[] {2, 7}, 0);
    shapes.require("enc1", new long[] {1, 7}, 2);
  }
}
