package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products of blocks by the native library and by ND4J, which must agree. */
class BlasTest {

  private enum Form {
    A_TRANSPOSED(true, false),
    B_TRANSPOSED(false, true),
    PLAIN(false, false);

    private final boolean ofA;
    private final boolean ofB;

    Form(boolean ofA, boolean ofB) {
      this.ofA = ofA;
      this.ofB = ofB;
    }

    void multiply(MatrixBlock a, MatrixBlock b, MatrixBlock result) {
      switch (this) {
        case A_TRANSPOSED -> Blas.transposeTimes(a, b, result);
        case B_TRANSPOSED -> Blas.timesTranspose(a, b, result);
        case PLAIN -> Blas.times(a, b, result);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void bothSidesAgreeOnPartsOfMatricesOfEitherType(Form form) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      MatrixBlock a = part(type, form.ofA ? 7 : 5, form.ofA ? 5 : 7);
      MatrixBlock b = part(type, form.ofB ? 4 : 7, form.ofB ? 7 : 4);
      MatrixBlock natively = part(type, 5, 4);
      MatrixBlock byNd4j = part(type, 5, 4);

      form.multiply(a, b, natively);
      Blas.multiplyByNd4j(new Blas.Factor(a, form.ofA), new Blas.Factor(b, form.ofB), byNd4j, true);

      assertThat(natively.view().equalsWithEps(byNd4j.view(), 1e-5)).isTrue();
      assertThat(natively.view().sumNumber().doubleValue()).isNotZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void productsAddUp(DataType type) {
    MatrixBlock a = part(type, 6, 5);
    MatrixBlock b = part(type, 6, 4);
    MatrixBlock natively = MatrixBlock.create(type, 5, 4);
    MatrixBlock byNd4j = MatrixBlock.create(type, 5, 4);
    MatrixBlock gram = MatrixBlock.create(type, 5, 5);
    for (boolean isFirst : new boolean[] {true, false, false}) {
      Blas.transposeTimes(a, b, natively, isFirst);
      Blas.multiplyByNd4j(Blas.Factor.transposed(a), Blas.Factor.plain(b), byNd4j, isFirst);
      Blas.gramOfColumns(a, gram, isFirst);
    }

    INDArray once = a.view().transpose().mmul(b.view());
    assertThat(natively.view().equalsWithEps(once.mul(3), 1e-4)).isTrue();
    assertThat(byNd4j.view().equalsWithEps(once.mul(3), 1e-4)).isTrue();
    assertUpper(gram, a.view().transpose().mmul(a.view()).mul(3));
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void gramMatricesFillTheUpperTriangle(DataType type) {
    MatrixBlock a = part(type, 6, 5);
    MatrixBlock ofRows = MatrixBlock.create(type, 6, 6);
    MatrixBlock ofColumns = MatrixBlock.create(type, 5, 5);
    Blas.gramOfRows(a, ofRows);
    Blas.gramOfColumns(a, ofColumns);

    assertUpper(ofRows, a.view().mmul(a.view().transpose()));
    assertUpper(ofColumns, a.view().transpose().mmul(a.view()));
  }

  private static void assertUpper(MatrixBlock gram, INDArray expected) {
    for (int i = 0; i < gram.rows(); i++) {
      for (int j = i; j < gram.columns(); j++) {
        assertThat(gram.view().getDouble(i, j) - expected.getDouble(i, j)).isBetween(-1e-5, 1e-5);
      }
    }
  }

  /** Inside a larger matrix, beginning neither at its first row nor at its first column. */
  private static MatrixBlock part(DataType type, int rows, int columns) {
    INDArray whole = Nd4j.rand(type, rows + 3, columns + 4);
    return MatrixBlock.of(whole).rows(2, rows + 2).columns(1, columns + 1);
  }
}
