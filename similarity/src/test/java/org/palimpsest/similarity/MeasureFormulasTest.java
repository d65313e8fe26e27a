package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.Representation;

/**
 * Every measure against the formula of its Javadoc, written down once more without regard to speed
 * or size. What the library computes from moments, Gram matrices or blocks comes here from whole
 * small matrices.
 */
class MeasureFormulasTest {

  private static final int SAMPLES = 15;
  private static final int SEEDS = 6;

  private interface Formula extends ToDoubleBiFunction<double[][], double[][]> {}

  private static Map<String, Formula> formulas() {
    Map<String, Formula> formulas = new LinkedHashMap<>();
    formulas.put("linear_cka", (x, y) -> cka(linearKernel(x), linearKernel(y)));
    formulas.put(
        "debiased_linear_cka", (x, y) -> debiased(batches(x, SAMPLES), batches(y, SAMPLES)));
    formulas.put("minibatch_cka:5", (x, y) -> debiased(batches(x, 5), batches(y, 5)));
    formulas.put("rbf_cka:0.7", (x, y) -> cka(rbf(x, 0.7), rbf(y, 0.7)));
    formulas.put("distance_correlation", (x, y) -> Math.sqrt(cka(distances(x), distances(y))));
    formulas.put("cca_mean", (x, y) -> mean(correlations(centred(x), centred(y))));
    formulas.put("cca_mean_squared", (x, y) -> meanSquare(correlations(centred(x), centred(y))));
    formulas.put("svcca:k=2", (x, y) -> mean(correlations(leading(x, 2), leading(y, 2))));
    formulas.put("pwcca", MeasureFormulasTest::weightedByX);
    formulas.put("pwcca:y", (x, y) -> weightedByX(y, x));
    formulas.put("eigenspace_overlap", MeasureFormulasTest::overlap);
    formulas.put("procrustes_normalized", (x, y) -> Math.sqrt(2 - 2 * alignment(x, y)));
    formulas.put("procrustes_angular", (x, y) -> Math.acos(alignment(x, y)));
    formulas.put("procrustes_size_and_shape", MeasureFormulasTest::sizeAndShape);
    formulas.put("shape:0.3", (x, y) -> Math.acos(alignment(whitened(x, 0.3), whitened(y, 0.3))));
    formulas.put("aligned_cosine", MeasureFormulasTest::alignedCosine);
    formulas.put("linear_regression_x_from_y", (x, y) -> explained(centred(x), centred(y)));
    formulas.put("linear_regression_y_from_x", (x, y) -> explained(centred(y), centred(x)));
    formulas.put("gulp:0.05", (x, y) -> gulp(x, y, 0.05));
    formulas.put(
        "rsa:euclidean:pearson", (x, y) -> pearson(pairs(distances(x)), pairs(distances(y))));
    formulas.put("rsa", (x, y) -> pearson(ranks(unlikeness(x)), ranks(unlikeness(y))));
    formulas.put("rsa:euclidean:kendall", (x, y) -> tau(pairs(distances(x)), pairs(distances(y))));
    formulas.put("rsm_norm_difference", MeasureFormulasTest::normOfDifference);
    formulas.put("jaccard:4:euclidean", (x, y) -> overNeighbours(x, y, s -> s / (8.0 - s)));
    formulas.put("mutual_knn:4:euclidean", (x, y) -> overNeighbours(x, y, s -> s / 4.0));
    formulas.put("rank_similarity:4:euclidean", MeasureFormulasTest::rankSimilarity);
    formulas.put("second_order_cosine:3", MeasureFormulasTest::secondOrder);
    formulas.put("hard_correlation_match", MeasureFormulasTest::hardMatch);
    formulas.put("soft_correlation_match", MeasureFormulasTest::softMatch);
    formulas.put("permutation_procrustes", MeasureFormulasTest::permuted);
    formulas.put("magnitude_difference", (x, y) -> difference(x, y, z -> norm(meanRow(z))));
    formulas.put(
        "uniformity_difference", (x, y) -> difference(x, y, MeasureFormulasTest::uniformity));
    formulas.put(
        "concentricity_difference", (x, y) -> difference(x, y, MeasureFormulasTest::concentricity));
    formulas.put("prediction_dice", MeasureFormulasTest::dice);
    formulas.put("disagreement", MeasureFormulasTest::disagreement);
    formulas.put("jensen_shannon", MeasureFormulasTest::jensenShannon);
    return formulas;
  }

  @TestFactory
  Stream<DynamicTest> aMeasureIsItsFormula() {
    return formulas().entrySet().stream()
        .map(
            one ->
                DynamicTest.dynamicTest(one.getKey(), () -> check(one.getKey(), one.getValue())));
  }

  /** So that a new measure is not forgotten here. */
  @Test
  void everyMeasureOfTheCatalogueHasItsFormulaHere() {
    Set<String> known = new HashSet<>();
    formulas().keySet().forEach(name -> known.add(name.split(":", -1)[0]));

    assertThat(Measures.catalogue())
        .extracting(MeasureEntry::name)
        .filteredOn(name -> !name.equals("shape") && !name.equals("svcca"))
        .allMatch(known::contains);
  }

  private static void check(String name, Formula formula) {
    Measure<?> measure = Measures.parse(name);
    boolean ofClasses = name.matches("prediction_dice|disagreement|jensen_shannon");
    for (int seed = 1; seed <= SEEDS; seed++) {
      int p = 2 + seed % 3;
      double[][] x = Data.layer(SAMPLES, p, seed);
      double[][] y = Data.relative(x, ofClasses ? p : 2 + seed % 4, seed + 50L);

      assertThat(value(measure, x, y))
          .as("%s, %d and %d features", name, p, y[0].length)
          .isCloseTo(formula.applyAsDouble(x, y), within(1e-9));
    }
  }

  private static <P extends Prepared> double value(Measure<P> measure, double[][] x, double[][] y) {
    Representation a = Data.representation("a", x);
    Representation b = Data.representation("b", y);
    return measure
        .compare(measure.preparation().prepare(a), measure.preparation().prepare(b))
        .value();
  }

  // Matrices

  private static double[][] matrix(
      int rows, int columns, ToDoubleBiFunction<Integer, Integer> entry) {
    double[][] values = new double[rows][columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        values[i][j] = entry.applyAsDouble(i, j);
      }
    }
    return values;
  }

  private static double[][] transposed(double[][] x) {
    return matrix(x[0].length, x.length, (i, j) -> x[j][i]);
  }

  private static double[] meanRow(double[][] x) {
    return Arrays.stream(transposed(x)).mapToDouble(MeasureFormulasTest::mean).toArray();
  }

  private static double[][] centred(double[][] x) {
    double[] means = meanRow(x);
    return Data.map(x, (i, j, value) -> value - means[j]);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double meanSquare(double[] values) {
    return dot(values, values) / values.length;
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(k -> a[k] * b[k]).sum();
  }

  private static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  private static double inner(double[][] a, double[][] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> dot(a[i], b[i])).sum();
  }

  private static double norm(double[][] a) {
    return Math.sqrt(inner(a, a));
  }

  private static double[][] unit(double[][] a) {
    double norm = norm(a);
    return Data.map(a, (i, j, value) -> value / norm);
  }

  private static double[][] crossed(double[][] x, double[][] y) {
    return Data.times(transposed(x), y);
  }

  /** X = U S V'. */
  private record Svd(double[][] u, double[] values, double[][] v) {

    static Svd of(double[][] x) {
      SingularValueDecomposition_F64<DMatrixRMaj> svd =
          DecompositionFactory_DDRM.svd(x.length, x[0].length, true, true, true);
      svd.decompose(new DMatrixRMaj(x));
      DMatrixRMaj u = svd.getU(null, false);
      DMatrixRMaj v = svd.getV(null, false);
      double[] values = svd.getSingularValues();
      SingularOps_DDRM.descendingOrder(u, false, values, values.length, v, false);
      return new Svd(
          matrix(u.numRows, u.numCols, u::get), values, matrix(v.numRows, v.numCols, v::get));
    }

    /** The first k columns of U times factors. */
    double[][] scaled(int k, IntToDoubleFunction factor) {
      return matrix(u.length, k, (i, j) -> u[i][j] * factor.applyAsDouble(j));
    }
  }

  private static double nuclear(double[][] x) {
    return Arrays.stream(Svd.of(x).values()).sum();
  }

  private static double[][] basis(double[][] x) {
    return Svd.of(x).scaled(x[0].length, j -> 1);
  }

  private static double[][] inverse(double[][] x) {
    DMatrixRMaj inverse = new DMatrixRMaj(x);
    CommonOps_DDRM.invert(inverse);
    return matrix(x.length, x.length, inverse::get);
  }

  // Kernels

  private static double[][] linearKernel(double[][] x) {
    return Data.times(x, transposed(x));
  }

  private static double[][] distances(double[][] x) {
    return matrix(
        x.length,
        x.length,
        (i, j) ->
            norm(IntStream.range(0, x[0].length).mapToDouble(k -> x[i][k] - x[j][k]).toArray()));
  }

  private static double[][] rbf(double[][] x, double fraction) {
    double[][] squared = Data.map(distances(x), (i, j, d) -> d * d);
    double[] all = Arrays.stream(squared).flatMapToDouble(Arrays::stream).sorted().toArray();
    double median = (all[(all.length - 1) / 2] + all[all.length / 2]) / 2;
    return Data.map(squared, (i, j, d) -> Math.exp(-d / (2 * fraction * fraction * median)));
  }

  private static double[][] doublyCentred(double[][] k) {
    return transposed(centred(transposed(centred(k))));
  }

  private static double cka(double[][] k, double[][] l) {
    return inner(unit(doublyCentred(k)), unit(doublyCentred(l)));
  }

  private static List<double[][]> batches(double[][] x, int size) {
    return IntStream.range(0, x.length / size)
        .mapToObj(batch -> Arrays.copyOfRange(x, batch * size, (batch + 1) * size))
        .toList();
  }

  private static double debiased(List<double[][]> x, List<double[][]> y) {
    return hsic(x, y) / Math.sqrt(hsic(x, x) * hsic(y, y));
  }

  private static double hsic(List<double[][]> x, List<double[][]> y) {
    return IntStream.range(0, x.size()).mapToDouble(i -> hsic(x.get(i), y.get(i))).sum();
  }

  /** Song et al. 2012, equation 5. */
  private static double hsic(double[][] x, double[][] y) {
    double n = x.length;
    double[][] k = Data.map(linearKernel(x), (i, j, value) -> i == j ? 0 : value);
    double[][] l = Data.map(linearKernel(y), (i, j, value) -> i == j ? 0 : value);
    double[] sumsOfK = Arrays.stream(k).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
    double[] sumsOfL = Arrays.stream(l).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
    double both = Arrays.stream(sumsOfK).sum() * Arrays.stream(sumsOfL).sum();
    return (inner(k, l) + both / (n - 1) / (n - 2) - 2 / (n - 2) * dot(sumsOfK, sumsOfL))
        / (n * (n - 3));
  }

  // Canonical correlations

  private static double[] correlations(double[][] x, double[][] y) {
    return Svd.of(crossed(basis(x), basis(y))).values();
  }

  private static double[][] leading(double[][] x, int k) {
    Svd svd = Svd.of(centred(x));
    return svd.scaled(k, j -> svd.values()[j]);
  }

  private static double weightedByX(double[][] x, double[][] y) {
    double[][] xc = centred(x);
    Svd svd = Svd.of(crossed(basis(xc), basis(centred(y))));
    double[][] variates = Data.times(basis(xc), svd.u());
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < svd.values().length; i++) {
      double[] variate = transposed(variates)[i];
      double weight =
          Arrays.stream(transposed(xc)).mapToDouble(column -> Math.abs(dot(variate, column))).sum();
      sum += weight;
      weighted += weight * svd.values()[i];
    }
    return weighted / sum;
  }

  private static double overlap(double[][] x, double[][] y) {
    double shared = norm(crossed(basis(x), basis(y)));
    return shared * shared / Math.max(x[0].length, y[0].length);
  }

  // Shapes and regression

  private static double alignment(double[][] x, double[][] y) {
    return nuclear(crossed(unit(centred(x)), unit(centred(y))));
  }

  private static double sizeAndShape(double[][] x, double[][] y) {
    double[][] xc = centred(x);
    double[][] yc = centred(y);
    return Math.sqrt(inner(xc, xc) + inner(yc, yc) - 2 * nuclear(crossed(xc, yc)));
  }

  private static double[][] whitened(double[][] x, double alpha) {
    Svd svd = Svd.of(centred(x));
    double[][] scaled = svd.scaled(x[0].length, j -> alpha * svd.values()[j] + 1 - alpha);
    return Data.times(scaled, transposed(svd.v()));
  }

  private static double alignedCosine(double[][] x, double[][] y) {
    double[][] xc = centred(x);
    double[][] yc = centred(y);
    Svd svd = Svd.of(crossed(xc, yc));
    double[][] a = Data.times(xc, svd.u());
    double[][] b = Data.times(yc, svd.v());
    return IntStream.range(0, x.length)
        .mapToDouble(i -> dot(a[i], b[i]) / norm(xc[i]) / norm(yc[i]))
        .average()
        .orElseThrow();
  }

  private static double explained(double[][] target, double[][] predictor) {
    double share = norm(crossed(basis(predictor), target)) / norm(target);
    return share * share;
  }

  private static double gulp(double[][] x, double[][] y, double ridge) {
    double[][] a = unit(centred(x));
    double[][] b = unit(centred(y));
    double[][] ofA = Data.times(ridged(crossed(a, a), ridge), crossed(a, a));
    double[][] ofB = Data.times(ridged(crossed(b, b), ridge), crossed(b, b));
    double[][] ab = Data.times(ridged(crossed(a, a), ridge), crossed(a, b));
    double[][] ba = Data.times(ridged(crossed(b, b), ridge), crossed(b, a));
    return inner(ofA, transposed(ofA))
        + inner(ofB, transposed(ofB))
        - 2 * inner(ab, transposed(ba));
  }

  private static double[][] ridged(double[][] covariance, double ridge) {
    return inverse(Data.map(covariance, (i, j, value) -> i == j ? value + ridge : value));
  }

  // Distances and neighbours

  private static double[] pairs(double[][] square) {
    return IntStream.range(0, square.length)
        .boxed()
        .flatMapToDouble(i -> Arrays.stream(square[i]).skip(i + 1L))
        .toArray();
  }

  /** One minus the correlation of two rows. */
  private static double[] unlikeness(double[][] x) {
    return pairs(matrix(x.length, x.length, (i, j) -> 1 - pearson(x[i], x[j])));
  }

  private static double pearson(double[] a, double[] b) {
    double meanA = mean(a);
    double meanB = mean(b);
    double[] u = Arrays.stream(a).map(value -> value - meanA).toArray();
    double[] v = Arrays.stream(b).map(value -> value - meanB).toArray();
    return dot(u, v) / norm(u) / norm(v);
  }

  /** Average ranks, where values within rounding of each other tie. */
  private static double[] ranks(double[] values) {
    return Arrays.stream(values)
        .map(
            value -> {
              long below = Arrays.stream(values).filter(other -> other < value - 1e-9).count();
              long tied =
                  Arrays.stream(values).filter(other -> Math.abs(other - value) <= 1e-9).count();
              return below + (tied + 1) / 2.0;
            })
        .toArray();
  }

  private static double tau(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      for (int m = 0; m < k; m++) {
        sum += Math.signum(a[k] - a[m]) * Math.signum(b[k] - b[m]);
      }
    }
    return sum / (a.length * (a.length - 1) / 2.0);
  }

  private static double normOfDifference(double[][] x, double[][] y) {
    double[] a = pairs(distances(x));
    double[] b = pairs(distances(y));
    return norm(IntStream.range(0, a.length).mapToDouble(k -> a[k] - b[k]).toArray());
  }

  /** The k nearest others of a sample, nearest first. */
  private static List<Integer> nearest(double[] distances, int sample, int k) {
    return IntStream.range(0, distances.length)
        .filter(other -> other != sample)
        .boxed()
        .sorted((a, b) -> Double.compare(distances[a], distances[b]))
        .limit(k)
        .toList();
  }

  private static double overNeighbours(double[][] x, double[][] y, IntToDoubleFunction ofShared) {
    return IntStream.range(0, x.length)
        .mapToDouble(
            i -> {
              Set<Integer> shared = new HashSet<>(nearest(distances(x)[i], i, 4));
              shared.retainAll(nearest(distances(y)[i], i, 4));
              return ofShared.applyAsDouble(shared.size());
            })
        .average()
        .orElseThrow();
  }

  private static double rankSimilarity(double[][] x, double[][] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      List<Integer> a = nearest(distances(x)[i], i, 4);
      List<Integer> b = nearest(distances(y)[i], i, 4);
      double agreement = 0;
      double harmonic = 0;
      int shared = 0;
      for (int other : a) {
        if (b.contains(other)) {
          double r = a.indexOf(other) + 1;
          double s = b.indexOf(other) + 1;
          agreement += 2 / ((1 + Math.abs(r - s)) * (r + s));
          harmonic += 1.0 / ++shared;
        }
      }
      sum += shared == 0 ? 0 : agreement / harmonic;
    }
    return sum / x.length;
  }

  private static double cosine(double[] a, double[] b) {
    return dot(a, b) / norm(a) / norm(b);
  }

  private static double[][] cosines(double[][] x) {
    return matrix(x.length, x.length, (i, j) -> cosine(x[i], x[j]));
  }

  private static double secondOrder(double[][] x, double[][] y) {
    double[][] ofX = cosines(x);
    double[][] ofY = cosines(y);
    return IntStream.range(0, x.length)
        .mapToDouble(
            i -> {
              Set<Integer> either = new HashSet<>(nearest(negative(ofX[i]), i, 3));
              either.addAll(nearest(negative(ofY[i]), i, 3));
              return cosine(chosen(ofX[i], either), chosen(ofY[i], either));
            })
        .average()
        .orElseThrow();
  }

  private static double[] negative(double[] values) {
    return Arrays.stream(values).map(value -> -value).toArray();
  }

  private static double[] chosen(double[] values, Set<Integer> places) {
    return places.stream().mapToDouble(place -> values[place]).toArray();
  }

  // Features one by one

  private static double[][] correlationsOfFeatures(double[][] x, double[][] y) {
    double[][] a = transposed(x);
    double[][] b = transposed(y);
    return matrix(a.length, b.length, (i, j) -> pearson(a[i], b[j]));
  }

  private static double hardMatch(double[][] x, double[][] y) {
    double[][] r = correlationsOfFeatures(x, y);
    double[][] wide = r.length <= r[0].length ? r : transposed(r);
    return permutations(wide[0].length).stream()
        .mapToDouble(
            order ->
                IntStream.range(0, wide.length)
                    .mapToDouble(i -> wide[i][order.get(i)])
                    .average()
                    .orElseThrow())
        .max()
        .orElseThrow();
  }

  private static double softMatch(double[][] x, double[][] y) {
    double[][] r = correlationsOfFeatures(x, y);
    return (meanOfBest(r) + meanOfBest(transposed(r))) / 2;
  }

  private static double meanOfBest(double[][] r) {
    return mean(
        Arrays.stream(r).mapToDouble(row -> Arrays.stream(row).max().orElseThrow()).toArray());
  }

  private static double permuted(double[][] x, double[][] y) {
    int width = Math.max(x[0].length, y[0].length);
    double[][] a = matrix(x.length, width, (i, j) -> j < x[0].length ? x[i][j] : 0);
    double[][] b = matrix(y.length, width, (i, j) -> j < y[0].length ? y[i][j] : 0);
    return permutations(width).stream()
        .mapToDouble(order -> norm(Data.map(a, (i, j, value) -> value - b[i][order.get(j)])))
        .min()
        .orElseThrow();
  }

  private static List<List<Integer>> permutations(int length) {
    List<List<Integer>> all = new ArrayList<>(List.of(List.of()));
    for (int next = 0; next < length; next++) {
      List<List<Integer>> longer = new ArrayList<>();
      for (List<Integer> shorter : all) {
        for (int at = 0; at <= shorter.size(); at++) {
          List<Integer> one = new ArrayList<>(shorter);
          one.add(at, next);
          longer.add(one);
        }
      }
      all = longer;
    }
    return all;
  }

  // One number of a layer

  private static double difference(double[][] x, double[][] y, ToDoubleFunction<double[][]> of) {
    return Math.abs(of.applyAsDouble(x) - of.applyAsDouble(y));
  }

  private static double uniformity(double[][] x) {
    return Math.log(
        Arrays.stream(distances(x))
            .flatMapToDouble(Arrays::stream)
            .map(d -> Math.exp(-2 * d * d))
            .average()
            .orElseThrow());
  }

  private static double concentricity(double[][] x) {
    double[] mean = meanRow(x);
    return Arrays.stream(x).mapToDouble(row -> cosine(row, mean)).average().orElseThrow();
  }

  // Predictions, of logits

  private static double[] probabilities(double[] logits) {
    double whole = Arrays.stream(logits).map(Math::exp).sum();
    return Arrays.stream(logits).map(logit -> Math.exp(logit) / whole).toArray();
  }

  private static int[] labels(double[][] logits) {
    return Arrays.stream(logits)
        .mapToInt(
            row ->
                IntStream.range(0, row.length)
                    .reduce(0, (best, c) -> row[c] > row[best] ? c : best))
        .toArray();
  }

  private static double dice(double[][] x, double[][] y) {
    int[] a = labels(x);
    int[] b = labels(y);
    return IntStream.range(1, x[0].length)
        .mapToObj(c -> new double[] {count(a, c) + count(b, c), common(a, b, c)})
        .filter(one -> one[0] > 0)
        .mapToDouble(one -> 2 * one[1] / one[0])
        .average()
        .orElse(1);
  }

  private static double count(int[] labels, int ofClass) {
    return Arrays.stream(labels).filter(label -> label == ofClass).count();
  }

  private static double common(int[] a, int[] b, int ofClass) {
    return IntStream.range(0, a.length).filter(i -> a[i] == ofClass && b[i] == ofClass).count();
  }

  private static double disagreement(double[][] x, double[][] y) {
    int[] a = labels(x);
    int[] b = labels(y);
    return IntStream.range(0, a.length).filter(i -> a[i] != b[i]).count() / (double) a.length;
  }

  private static double jensenShannon(double[][] x, double[][] y) {
    return IntStream.range(0, x.length)
        .mapToDouble(
            i -> {
              double[] p = probabilities(x[i]);
              double[] q = probabilities(y[i]);
              double[] m =
                  IntStream.range(0, p.length).mapToDouble(c -> (p[c] + q[c]) / 2).toArray();
              return (divergence(p, m) + divergence(q, m)) / 2 / Math.log(2);
            })
        .average()
        .orElseThrow();
  }

  private static double divergence(double[] p, double[] from) {
    return IntStream.range(0, p.length)
        .mapToDouble(c -> p[c] == 0 ? 0 : p[c] * Math.log(p[c] / from[c]))
        .sum();
  }
}
