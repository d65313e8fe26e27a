package org.palimpsest.reproduction.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class InitialStateTest {

  private static final UNet NETWORK = UNet.of(UNetDesign.small());
  private static final NetworkState SOURCE = InitialState.he(9).of(NETWORK);

  @Test
  void aPrefixIsTransferredAndTheRestIsDrawn() {
    InitialState fresh = InitialState.he(2);
    NetworkState state =
        InitialState.transferred(SOURCE, path -> path.startsWith("enc"), fresh).of(NETWORK);
    assertThat(state.tensors().get("enc3.conv2.weight"))
        .isEqualTo(SOURCE.tensors().get("enc3.conv2.weight"));
    assertThat(state.tensors().get("dec1.conv1.weight"))
        .isEqualTo(fresh.of(NETWORK).tensors().get("dec1.conv1.weight"));
  }

  @Test
  void anEncoderThatComputesNothingPassesTheImageOnInTwoChannels() {
    Map<String, float[]> tensors = InitialState.imageAlone(2).of(NETWORK).tensors();

    assertThat(tensors.get("enc2.conv1.weight")).containsOnly(0);
    assertThat(tensors.get("enc3.conv2.weight")).containsOnly(0);
    float[] first = tensors.get("enc1.conv1.weight");
    assertThat(first[4]).isEqualTo(1);
    assertThat(first[9 + 4]).isEqualTo(-1);
    float[] second = tensors.get("enc1.conv2.weight");
    assertThat(new float[] {second[4], second[9 + 4], second[8 * 9 + 4], second[9 * 9 + 4]})
        .containsExactly(1, -1, -1, 1);
    assertThat(tensors.get("dec1.conv1.weight"))
        .isEqualTo(InitialState.he(2).of(NETWORK).tensors().get("dec1.conv1.weight"));
    UNet narrow = UNet.of(UNetDesign.small().withWidth(1));
    assertThatThrownBy(() -> InitialState.imageAlone(2).of(narrow))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("width of at least 2");
  }

  @Test
  void momentsAreKeptButWeightsAreNot() {
    float[] source = SOURCE.tensors().get("enc3.conv2.weight").clone();
    for (int i = 0; i < source.length; i++) {
      source[i] = source[i] * 3 + 0.5f;
    }
    Map<String, float[]> shifted = new LinkedHashMap<>(SOURCE.tensors());
    shifted.put("enc3.conv2.weight", source);
    float[] drawn =
        InitialState.momentsOf(new NetworkState(shifted), 4)
            .of(NETWORK)
            .tensors()
            .get("enc3.conv2.weight");
    assertThat(drawn).isNotEqualTo(source);
    assertThat(mean(drawn)).isCloseTo(mean(source), within(0.02));
    assertThat(deviation(drawn) / deviation(source)).isCloseTo(1, within(0.05));
  }

  @Test
  void anotherArchitectureIsNotTransferred() {
    assertThatThrownBy(
            () -> InitialState.transferred(SOURCE).of(UNet.of(UNetDesign.small().withWidth(4))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("another architecture");
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }
}
