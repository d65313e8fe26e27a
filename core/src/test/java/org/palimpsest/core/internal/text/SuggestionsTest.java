package org.palimpsest.core.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a mistyped name was most likely meant to be. */
class SuggestionsTest {

  @Test
  void namesThatContainTheInputComeFirst() {
    List<String> known = List.of("rsa", "pwcca", "debiased_linear_cka", "linear_cka", "rbf_cka");

    assertThat(Suggestions.nearest("CKA", known))
        .containsExactly("rbf_cka", "linear_cka", "debiased_linear_cka", "rsa", "pwcca");
  }

  @Test
  void othersComeByEditDistance() {
    assertThat(Suggestions.nearest("svca", List.of("procrustes", "pwcca", "svcca")))
        .containsExactly("svcca", "pwcca", "procrustes");
  }
}
