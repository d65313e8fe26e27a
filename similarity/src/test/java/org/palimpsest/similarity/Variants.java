package org.palimpsest.similarity;

import java.util.List;

/**
 * Measures of the catalogue with other parameters than the default ones, which promise other
 * things.
 */
final class Variants {

  static final List<String> NAMES =
      List.of(
          "rbf_cka:0.2",
          "rbf_cka:1.0",
          "rsa:correlation:pearson",
          "rsa:correlation:kendall",
          "rsa:correlation:cosine",
          "rsa:euclidean:spearman",
          "rsa:euclidean:pearson",
          "rsa:euclidean:kendall",
          "rsa:squared_euclidean:pearson",
          "rsa:squared_euclidean:cosine",
          "rsa:cosine:spearman",
          "rsa:cosine:pearson",
          "rsa:mahalanobis:spearman",
          "rsa:mahalanobis:pearson",
          "jaccard:5:euclidean",
          "mutual_knn:5:euclidean",
          "rank_similarity:5:euclidean",
          "second_order_cosine:5");

  private Variants() {}
}
