package org.palimpsest.core.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class EffectiveWeightsTest {

  private static WeightTensor tensor(String name, long[] shape, double... values) {
    return new WeightTensor(
        name, Nd4j.createFromArray(values).reshape('c', shape), "float64", LayerKind.UNKNOWN);
  }

  private static EffectiveWeights of(WeightTensor... tensors) {
    return EffectiveWeights.of(Weights.of(Provenance.inMemory("net"), "net", List.of(tensors)));
  }

  private static double[] values(EffectiveWeights effective, String name) {
    return effective.weights().find(name).orElseThrow().values().dup('c').ravel().toDoubleVector();
  }

  @Test
  void weightNormalisationGivesEachFilterItsLength() {
    for (String parts :
        List.of("c.weight_g c.weight_v", "c.P.weight.original0 c.P.weight.original1")) {
      String[] names = parts.replace("P", "parametrizations").split(" ");
      EffectiveWeights effective =
          of(
              tensor(names[0], new long[] {2, 1}, 10, 2),
              tensor(names[1], new long[] {2, 2}, 3, 4, 0, 5),
              tensor("c.bias", new long[] {2}, 1, 2));
      assertThat(values(effective, "c.weight"))
          .containsExactly(new double[] {6, 8, 0, 2}, within(1e-12));
      assertThat(effective.weights().tensors()).hasSize(2);
      assertThat(effective.computed())
          .singleElement()
          .asString()
          .startsWith("weight normalisation put together")
          .endsWith(": c.weight");
    }
  }

  @Test
  void weightNormalisationMayKeepAnotherAxis() {
    EffectiveWeights effective =
        of(
            tensor("t.weight_g", new long[] {1, 2}, 10, 2),
            tensor("t.weight_v", new long[] {2, 2}, 3, 0, 4, 5));
    assertThat(values(effective, "t.weight"))
        .containsExactly(new double[] {6, 0, 8, 2}, within(1e-12));
  }

  @Test
  void spectralNormalisationIsThatOfEvaluation() {
    for (String parts :
        List.of(
            "c.weight_orig c.weight_u c.weight_v",
            "c.P.weight.original c.P.weight.0._u c.P.weight.0._v")) {
      String[] names = parts.replace("P", "parametrizations").split(" ");
      EffectiveWeights effective =
          of(
              tensor(names[0], new long[] {2, 3}, 2, 0, 0, 0, 4, 0),
              tensor(names[1], new long[] {2}, 0, 1),
              tensor(names[2], new long[] {3}, 0, 1, 0));
      assertThat(values(effective, "c.weight"))
          .containsExactly(new double[] {.5, 0, 0, 0, 1, 0}, within(1e-12));
      assertThat(effective.weights().tensors()).hasSize(1);
    }
  }

  @Test
  void prunedWeightsAreZero() {
    EffectiveWeights effective =
        of(
            tensor("p.weight_orig", new long[] {1, 3}, 1, 2, 3),
            tensor("p.weight_mask", new long[] {1, 3}, 1, 0, 1));
    assertThat(values(effective, "p.weight")).containsExactly(1, 0, 3);
  }

  @Test
  void thePrunedDirectionOfANormalisedWeightIsPutTogetherToo() {
    EffectiveWeights effective =
        of(
            tensor("p.weight_g", new long[] {1, 1}, 10),
            tensor("p.weight_v_orig", new long[] {1, 3}, 3, 7, 4),
            tensor("p.weight_v_mask", new long[] {1, 3}, 1, 0, 1));
    assertThat(values(effective, "p.weight"))
        .containsExactly(new double[] {6, 0, 8}, within(1e-12));
    assertThat(effective.weights().tensors()).hasSize(1);
    assertThat(effective.computed()).hasSize(2);
  }

  @Test
  void partsOfUnknownParametrisationsAreTakenOutAndListed() {
    String folder = "o.parametrizations.weight.";
    EffectiveWeights effective =
        of(
            tensor("c.weight", new long[] {1, 1}, 1),
            tensor(folder + "original", new long[] {1, 2}, 1, 2),
            tensor(folder + "0.base", new long[] {1, 2}, 1, 2));
    assertThat(effective.weights().tensors())
        .extracting(WeightTensor::name)
        .containsExactly("c.weight");
    assertThat(effective.leftOut()).containsOnlyKeys(folder + "original", folder + "0.base");
  }

  @Test
  void weightsWithoutPartsStayAsTheyAre() {
    WeightTensor alone = tensor("attention.to_v", new long[] {1, 2}, 1, 2);
    assertThat(of(alone).weights().tensors()).containsExactly(alone);
  }
}
