package org.palimpsest.core.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/**
 * The weights that PyTorch's own modules compute with in evaluation, and the parts that their state
 * dicts hold; {@code make_effective_weights.py} wrote them.
 */
class EffectiveWeightsByPyTorchTest {

  private record Case(String layer, String part, List<WeightTensor> stored, WeightTensor weight) {

    @Override
    public String toString() {
      return layer + ", " + part;
    }
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    List<WeightTensor> stored = new ArrayList<>();
    String[] head = {};
    try (BufferedReader file =
        new BufferedReader(
            new InputStreamReader(
                EffectiveWeightsByPyTorchTest.class.getResourceAsStream("/weights/effective.txt"),
                StandardCharsets.UTF_8))) {
      for (String line : file.lines().toList()) {
        String[] fields = line.split("\\|");
        switch (fields[0]) {
          case "case" -> head = fields;
          case "stored" -> stored.add(tensor(fields));
          default -> {
            cases.add(new Case(head[1], head[2], List.copyOf(stored), tensor(fields)));
            stored.clear();
          }
        }
      }
    }
    return cases;
  }

  private static WeightTensor tensor(String[] fields) {
    long[] shape =
        Arrays.stream(fields[2].split("x"))
            .filter(extent -> !extent.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    double[] values =
        Arrays.stream(fields[3].split(" ")).mapToDouble(Double::parseDouble).toArray();
    return new WeightTensor(
        fields[1],
        shape.length == 0
            ? Nd4j.scalar(values[0])
            : Nd4j.createFromArray(values).reshape('c', shape),
        "float32",
        LayerKind.UNKNOWN);
  }

  @Test
  void allKindsOfPartsOfAllLayersAreThere() throws IOException {
    assertThat(cases()).hasSize(5 * 9);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theWeightIsTheOneThatPyTorchComputesWith(Case one) {
    EffectiveWeights effective =
        EffectiveWeights.of(Weights.of(Provenance.inMemory("net"), "net", one.stored()));
    assertThat(effective.leftOut()).isEmpty();
    assertThat(effective.weights().tensors())
        .extracting(WeightTensor::name)
        .containsExactlyInAnyOrder("net.bias", "net.weight");
    WeightTensor weight = effective.weights().find("net.weight").orElseThrow();
    assertThat(weight.values().shape()).containsExactly(one.weight().values().shape());
    assertThat(weight.values().dup('c').ravel().toDoubleVector())
        .containsExactly(one.weight().values().dup('c').ravel().toDoubleVector(), within(2e-6));
    String how =
        one.part().contains("spectral")
            ? "spectral"
            : one.part().contains("pruned") ? "pruned" : "weight normalisation";
    assertThat(effective.computed()).anyMatch(sentence -> sentence.startsWith(how));
  }

  /** The order in which a file holds the parts is of no consequence. */
  @ParameterizedTest
  @MethodSource("cases")
  void theOrderOfPartsMakesNoDifference(Case one) {
    List<WeightTensor> turned = new ArrayList<>(one.stored());
    Collections.reverse(turned);
    EffectiveWeights effective =
        EffectiveWeights.of(Weights.of(Provenance.inMemory("net"), "net", turned));
    assertThat(effective.leftOut()).isEmpty();
    assertThat(
            effective
                .weights()
                .find("net.weight")
                .orElseThrow()
                .values()
                .dup('c')
                .ravel()
                .toDoubleVector())
        .containsExactly(one.weight().values().dup('c').ravel().toDoubleVector(), within(2e-6));
  }

  /** Without one of its parts nothing can be computed, and no part passes for a weight. */
  @ParameterizedTest
  @MethodSource("cases")
  void withoutOneOfItsPartsNoWeightIsMadeUp(Case one) {
    for (WeightTensor lost : one.stored()) {
      if (lost.name().endsWith("bias")) {
        continue;
      }
      List<WeightTensor> rest = new ArrayList<>(one.stored());
      rest.remove(lost);
      EffectiveWeights effective =
          EffectiveWeights.of(Weights.of(Provenance.inMemory("net"), "net", rest));
      assertThat(effective.weights().find("net.weight")).as("without %s", lost.name()).isEmpty();
    }
  }

  /** Of MultiheadAttention with biases for keys and values, which are no parts of anything. */
  @Test
  void aNameThatEndsLikeAPartIsNoPart() {
    List<WeightTensor> attention =
        List.of(
            tensor(new String[] {"", "attn.in_proj_weight", "3x1", "1 2 3"}),
            tensor(new String[] {"", "attn.bias_k", "1x1x2", "3 4"}),
            tensor(new String[] {"", "attn.bias_v", "1x1x2", "5 12"}),
            tensor(new String[] {"", "attn.weight_v", "2", "1 1"}),
            tensor(new String[] {"", "attn.weight_g", "2x2", "1 2 3 4"}));
    EffectiveWeights effective =
        EffectiveWeights.of(Weights.of(Provenance.inMemory("net"), "net", attention));
    assertThat(effective.weights().tensors()).isEqualTo(attention);
    assertThat(effective.computed()).isEmpty();
    assertThat(effective.leftOut()).isEmpty();
  }
}
