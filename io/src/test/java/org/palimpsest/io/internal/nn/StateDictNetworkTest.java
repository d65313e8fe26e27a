package org.palimpsest.io.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;

class StateDictNetworkTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.",
        "model.module.",
        "model._orig_mod.module.",
        "module.model.net.",
        "student.net.",
        "a.b.c."
      })
  void whatStandsBeforeAllNamesIsTakenOff(String prefix) throws IOException {
    Path file = renamed(prefix::concat);
    assertThat(layers(file)).isEqualTo(layers(copy("odd.pth")));
  }

  @Test
  void namesThatBeginInUnusualWaysAreRefused() throws IOException {
    int[] number = {0};
    Path file = renamed(name -> number[0]++ % 2 == 0 ? "student." + name : "teacher." + name);
    assertThatThrownBy(() -> layers(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("has no tensor");
  }

  @Test
  void twoNetworksThatFitAreRefusedUnlessAKeyNamesOne() throws IOException {
    Path file = written(List.of(name -> "model." + name, name -> "ema_model.module." + name));
    NetworkOptions asked = NetworkOptions.none().withArchitecture(copy("odd.json"));
    assertThatThrownBy(() -> Inputs.layers(file, asked))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("several networks that fit")
        .hasMessageContaining("--key model or --key ema_model.module.");
    for (String key : List.of("model", "ema_model", "ema_model.module")) {
      assertThat(Inputs.layers(file, asked.withKey(key)).orElseThrow())
          .isEqualTo(layers(copy("odd.pth")));
    }
    assertThatThrownBy(() -> Inputs.layers(file, asked.withKey("ema")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no weights whose names begin with 'ema.'");
  }

  @Test
  void aCounterOfAveragedWeightsIsNoPartOfTheNetwork() throws IOException {
    assertThat(layers(withCounter("n_averaged"))).isEqualTo(layers(copy("odd.pth")));
    assertThatThrownBy(() -> layers(withCounter("temperature")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no place for: temperature");
  }

  /** The network with a number more. */
  private Path withCounter(String name) throws IOException {
    byte[] all = Files.readAllBytes(renamed(UnaryOperator.identity()));
    ByteBuffer file = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) file.getLong(0);
    String header = new String(all, 8, length, StandardCharsets.UTF_8);
    int data = all.length - 8 - length;
    String more =
        header.substring(0, header.length() - 1)
            + ",\"%s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[%d,%d]}}"
                .formatted(name, data, data + 4);
    byte[] text = more.getBytes(StandardCharsets.UTF_8);
    ByteBuffer longer =
        ByteBuffer.allocate(8 + text.length + data + 4).order(ByteOrder.LITTLE_ENDIAN);
    longer.putLong(text.length).put(text).put(all, 8 + length, data).putFloat(3);
    return Files.write(folder.resolve("counted.safetensors"), longer.array());
  }

  @Test
  void networksBelowNamesOfNoMeaningAreNamedToo() throws IOException {
    Path file = written(List.of(name -> "student." + name, name -> "teacher." + name));
    assertThatThrownBy(() -> layers(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("--key student or --key teacher");
  }

  private List<String> layers(Path file) throws IOException {
    NetworkOptions options = NetworkOptions.none().withArchitecture(copy("odd.json"));
    Optional<List<String>> layers = Inputs.layers(file, options);
    return layers.orElseThrow();
  }

  private Path copy(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream resource = StateDictNetworkTest.class.getResourceAsStream("/own/" + name)) {
        Files.write(file, resource.readAllBytes());
      }
    }
    return file;
  }

  /** The weights of the network, as a file of safetensors, under other names. */
  private Path renamed(UnaryOperator<String> rename) throws IOException {
    return written(List.of(rename));
  }

  private Path written(List<UnaryOperator<String>> renames) throws IOException {
    Weights weights = Inputs.weights(copy("odd.pth"));
    List<String> header = new ArrayList<>();
    ByteArrayOutputStream numbers = new ByteArrayOutputStream();
    for (UnaryOperator<String> rename : renames) {
      for (WeightTensor tensor : weights.tensors()) {
        int begin = numbers.size();
        float[] values = tensor.values().dup('c').data().asFloat();
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        numbers.write(buffer.array());
        header.add(
            "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(
                    rename.apply(tensor.name()),
                    Arrays.toString(tensor.values().shape()),
                    begin,
                    numbers.size()));
      }
    }
    byte[] text = ("{" + String.join(",", header) + "}").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
    all.write(text);
    numbers.writeTo(all);
    return Files.write(folder.resolve("renamed.safetensors"), all.toByteArray());
  }
}
