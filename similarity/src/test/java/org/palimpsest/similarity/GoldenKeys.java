package org.palimpsest.similarity;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which measure each key of {@code golden/expected.json} is about. */
final class GoldenKeys {

  /** Keys that are names of measures as they stand. */
  private static final List<String> NON_LINEAR =
      List.of(
          "rbf_cka_0.5",
          "rbf_cka_1.0",
          "rsa_correlation_spearman",
          "rsa_correlation_pearson",
          "rsa_euclidean_spearman",
          "rsa_euclidean_pearson",
          "distance_correlation",
          "hard_correlation_match",
          "soft_correlation_match",
          "jaccard_k10_cosine",
          "second_order_cosine_k10",
          "rank_similarity_k10",
          "magnitude_difference",
          "uniformity_difference",
          "concentricity_difference",
          "permutation_procrustes",
          "rsm_norm_difference_euclidean");

  /** Key of {@code expected.json} to the measure's name, as it is asked for. */
  static final Map<String, String> MEASURES = measures();

  private GoldenKeys() {}

  private static Map<String, String> measures() {
    Map<String, String> measures = new LinkedHashMap<>();
    measures.put("linear_cka", "linear_cka");
    NON_LINEAR.forEach(key -> measures.put(key, key));
    measures.put("cca_mean", "cca_mean");
    measures.put("cca_mean_squared", "cca_mean_squared");
    measures.put("pwcca_x", "pwcca");
    measures.put("pwcca_y", "pwcca:y");
    measures.put("svcca_0.99", "svcca");
    measures.put("svcca_0.90", "svcca:0.9");
    measures.put("eigenspace_overlap", "eigenspace_overlap");
    measures.put("linear_regression_x_from_y", "linear_regression_x_from_y");
    measures.put("linear_regression_y_from_x", "linear_regression_y_from_x");
    measures.put("procrustes_normalized", "procrustes_normalized");
    measures.put("procrustes_angular", "procrustes_angular");
    measures.put("procrustes_size_and_shape", "procrustes_size_and_shape");
    measures.put("aligned_cosine", "aligned_cosine");
    measures.put("gulp_0.01", "gulp");
    measures.put("gulp_1.0", "gulp:1");
    measures.put("debiased_linear_cka", "debiased_linear_cka");
    return measures;
  }

  /** Keys that hold a number of components kept, which is in the diagnostics. */
  static boolean isRank(String key) {
    return key.endsWith("_kept_x") || key.endsWith("_kept_y");
  }
}
