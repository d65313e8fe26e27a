package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Claims about filters: how little they change, and whether they look random. */
class FilterClaimsTest extends SimulatedRuns {

  @Test
  void anglesOfEncoderAndDecoderAreBothAskedFor() {
    addFates(30, 60, 0.5);

    Finding finding = new FiltersChangeLittle().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(finding.deciding().get(0).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.deciding().get(1).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
  }

  @Test
  void kernelsThatCannotBeToldFromFreshOnesLookRandom() {
    addFates(30, 30, 0.5);
    Finding random = new FiltersLookRandom().judge(observed());
    fates.clear();
    addFates(30, 30, 0.8);
    Finding regular = new FiltersLookRandom().judge(observed());

    assertThat(random.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(regular.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(random.evidence().get(2).quantity()).isEqualTo(Quantity.KERNEL_SMOOTHNESS_OF_GABORS);
  }

  @Test
  void networksTrainedLongerAreToBeFoundAndItIsAReservationIfTheyAreNot() {
    addFates(30, 30, 0.5);
    addFates(60, 60, 0.52, 3, longer());
    Finding notFound = new FiltersLookRandom().judge(observed());
    Finding moved = new FiltersChangeLittle().judge(observed());
    runs.removeIf(run -> run.role().longer());
    addFates(60, 60, 0.75, 3, longer());
    Finding found = new FiltersLookRandom().judge(observed());

    assertThat(notFound.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(notFound.deciding()).allMatch(one -> one.networks() == 5);
    assertThat(notFound.readings())
        .singleElement()
        .asString()
        .contains("trained longer (3 of them)", "and not found", "Gabor filters");
    assertThat(moved.deciding()).allMatch(one -> one.networks() == 5);
    assertThat(moved.evidence())
        .anyMatch(one -> one.what().contains("after training longer") && one.networks() == 3);
    assertThat(found.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(found.readings()).isEmpty();
    assertThat(found.evidence())
        .filteredOn(one -> one.quantity() == Quantity.KERNEL_SMOOTHNESS_AFTER_LONGER)
        .singleElement()
        .returns(Verdict.HOLDS, Evidence::verdict);
  }

  @Test
  void withTwoNetworksNothingIsSaidOfGaborFilters() {
    addFates(30, 30, 0.5, 2);

    Finding finding = new FiltersLookRandom().judge(observed());

    assertThat(finding.wouldTell())
        .singleElement()
        .asString()
        .contains("at least 3 networks")
        .doesNotContain("Gabor");
  }
}
