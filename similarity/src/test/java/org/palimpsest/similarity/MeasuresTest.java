package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;

class MeasuresTest {

  @Test
  void namesAreUniqueAndAreThoseOfTheExamples() {
    List<String> names = Measures.catalogue().stream().map(MeasureEntry::name).toList();

    assertThat(names).doesNotHaveDuplicates();
    for (MeasureEntry entry : Measures.catalogue()) {
      assertThat(entry.example().name()).isEqualTo(entry.name());
      assertThat(Measures.parse(entry.name())).isEqualTo(entry.example());
      assertThat(entry.properties().description()).endsWith(".");
      assertThat(entry.properties().source()).isNotBlank();
      assertThat(entry.properties().cost()).isNotBlank();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "svcca:0.9",
        "svcca:plain=0.99",
        "svcca:k=20",
        "pwcca:y",
        "pwcca:tolerance=1.0E-4",
        "pwcca:y,tolerance=1.0E-4",
        "cca_mean:tolerance=1.0E-4",
        "shape:0.25",
        "gulp:0.1",
        "minibatch_cka:64",
        "rbf_cka:0.2",
        "rsa:squared_euclidean:kendall",
        "jaccard:5:euclidean",
        "rank_similarity:10:euclidean",
        "second_order_cosine:7",
        "prediction_dice:probabilities"
      })
  void aNameWithParametersIsTheMeasuresOwnName(String name) {
    Measure<?> measure = Measures.parse(name);

    assertThat(measure.name()).isEqualTo(name);
    assertThat(Measures.parse(measure.name())).isEqualTo(measure);
  }

  @ParameterizedTest
  @CsvSource({
    "svcca_0.9, svcca:0.9",
    "rsa_euclidean_pearson, rsa:euclidean:pearson",
    "rsa:mahalanobis, rsa:mahalanobis:spearman",
    "jaccard_k10_cosine, jaccard",
    "'mutual_knn:euclidean,k=3', mutual_knn:3:euclidean",
    "rbf_cka_0.5, rbf_cka",
    "svcca:0.99, svcca",
    "svcca:.9, svcca:0.9",
    "pwcca_x, pwcca",
    "pwcca_y, pwcca:y",
    "gulp_0.01, gulp",
    "' linear_cka ', linear_cka"
  })
  void otherSpellingsAreUnderstood(String asked, String name) {
    assertThat(Measures.parse(asked).name()).isEqualTo(name);
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearest() {
    assertThatThrownBy(() -> Measures.parse("linear_ckka"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'linear_ckka'")
        .hasMessageContaining("linear_cka, ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka:1",
        "svcca:1.1",
        "svcca:0",
        "svcca:NaN",
        "svcca:half",
        "svcca:0.9,0.8",
        "svcca:k=0",
        "svcca:k=2.5",
        "svcca:k=2,plain=0.9",
        "svcca:0.9,k=2",
        "svcca:,",
        "svcca:k=",
        "svcca:k=1,k=2",
        "svcca:q=1",
        "pwcca:z",
        "shape:2",
        "gulp:0",
        "minibatch_cka:3",
        "cca_mean:tolerance=2"
      })
  void parametersThatMakeNoSenseAreRefusedWithWhatMayBeGiven(String name) {
    assertThatThrownBy(() -> Measures.parse(name))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Measure '" + name.substring(0, name.indexOf(':')) + "'")
        .hasMessageContaining("takes");
  }
}
