package org.palimpsest.io.internal.weights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.fuzz.ForgedZip;
import org.palimpsest.io.fuzz.PickleWriter;
import org.palimpsest.io.internal.own.Draft;

class StateDictTest {

  @TempDir Path folder;

  private static PickleWriter tensor(PickleWriter pickle, String name, long... shape) {
    pickle.text(name).global("torch._utils", "_rebuild_tensor_v2").step('(');
    pickle.step('(').text("storage").global("torch", "FloatStorage").text("0").text("cpu");
    pickle.number(64).steps("tQ").number(0).numbers(shape);
    long[] strides = new long[shape.length];
    long next = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = next;
      next *= shape[axis];
    }
    return pickle
        .numbers(strides)
        .truth(false)
        .global("collections", "OrderedDict")
        .call()
        .steps("tRs");
  }

  private Path file(PickleWriter pickle) throws IOException {
    ForgedZip zip = new ForgedZip();
    zip.add("archive/data.pkl", pickle.bytes(), false);
    zip.add("archive/version", new byte[] {'3'}, false);
    ByteBuffer numbers = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 64; i++) {
      numbers.putFloat(i + 1);
    }
    zip.add("archive/data/0", numbers.array(), false);
    return Files.write(folder.resolve("made.pth"), zip.bytes());
  }

  private static PickleWriter pickle() {
    return new PickleWriter(2).step('}');
  }

  private static Set<String> names(StateDict dict) {
    return dict.tensors().keySet().stream()
        .map(path -> String.join("/", path))
        .collect(Collectors.toSet());
  }

  @Test
  void wrappersAreTakenOffInAnyOrderAndCountersStay() throws IOException {
    PickleWriter pickle = pickle();
    tensor(pickle, "module._orig_mod.conv.weight", 2, 2);
    tensor(pickle, "module.head._orig_mod.bias", 2);
    tensor(pickle, "n_averaged");
    StateDict dict = StateDict.open(file(pickle));
    assertThat(names(dict)).containsExactlyInAnyOrder("conv/weight", "head/bias", "n_averaged");
    assertThat(dict.provenance().notes())
        .containsExactly("'_orig_mod.' taken off the names", "'module.' taken off the names");
  }

  @Test
  void prefixesOfANetworksOwnAreTakenOffWhereMoreThenFits() throws IOException {
    PickleWriter pickle = pickle().text("state_dict").step('}');
    tensor(pickle, "model.net.conv.weight", 2, 2);
    tensor(pickle, "loss.weight", 2);
    StateDict dict = StateDict.open(file(pickle.step('s')));
    assertThat(names(dict)).contains("model/net/conv/weight");
    StateDict fitting = dict.fitting(Set.of(List.of("conv", "weight")));
    assertThat(names(dict.fitting(Set.of(List.of("model", "net", "conv", "weight")))))
        .contains("model/net/conv/weight");
    assertThat(names(fitting)).containsExactlyInAnyOrder("conv/weight", "loss/weight");
  }

  @Test
  void tensorsThatAreOneHaveOneArray() throws IOException {
    PickleWriter pickle = pickle();
    tensor(pickle, "a", 2, 3);
    tensor(pickle, "b", 2, 3);
    tensor(pickle, "c", 3, 2);
    List<WeightTensor> tensors = StateDict.open(file(pickle)).weights().tensors();
    assertThat(tensors.get(0).values()).isSameAs(tensors.get(1).values());
    assertThat(tensors.get(2).values()).isNotSameAs(tensors.get(0).values());
  }

  @Test
  void entriesOfEqualRankAreAskedForAndOthersAreNot() throws IOException {
    PickleWriter equal = pickle().text("params").step('}');
    tensor(equal, "w", 2).step('s').text("params_ema").step('}');
    tensor(equal, "w", 3).step('s');
    Path file = file(equal);
    assertThatThrownBy(() -> StateDict.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("params, params_ema")
        .hasMessageContaining("--key");
    assertThat(StateDict.open(file, "params_ema").weights().tensors().get(0).values().shape())
        .containsExactly(3);
    PickleWriter ranked = pickle();
    tensor(ranked, "epoch").text("ema").step('}');
    tensor(ranked, "w", 2).step('s').text("network_weights").step('}');
    tensor(ranked, "w", 4).step('s');
    StateDict chosen = StateDict.open(file(ranked));
    assertThat(chosen.weights().tensors().get(0).values().shape()).containsExactly(4);
    assertThat(chosen.provenance().notes().get(0)).contains("'network_weights'");
  }

  @Test
  void anEntryWithinAnotherIsNamedByDots() throws IOException {
    PickleWriter pickle = pickle().text("ema").step('}').text("shadow.net").step('}');
    tensor(pickle, "w", 2);
    Path file = file(pickle.steps("ss"));
    assertThat(names(StateDict.open(file, "ema.shadow.net"))).containsExactly("w");
    assertThatThrownBy(() -> StateDict.open(file, "ema.shadows"))
        .hasMessageContaining("no entry 'shadows'")
        .hasMessageContaining("shadow.net");
  }

  @Test
  void whatLiesBesideTheTensorsIsPlainData() throws IOException {
    PickleWriter pickle = pickle().text("plans").step('}').text("blocks");
    pickle.numbers(1, 2).step('s').text("norm").global("torch.nn", "BatchNorm2d").steps("ss");
    pickle.text("network_weights").step('}');
    tensor(pickle, "w", 2);
    assertThat(StateDict.open(file(pickle.step('s'))).settings().toString())
        .isEqualTo("{\"plans\":{\"blocks\":[1,2]},\"network_weights\":{}}");
  }

  @Test
  void namesOfManyKilobytesAreRefused() throws IOException {
    Path file = file(tensor(pickle(), "n".repeat(5000), 2));
    assertThatThrownBy(() -> StateDict.open(file)).hasMessageContaining("4096 characters");
  }

  @Test
  void namesThatSafetensorsLeavesOutAsSharedAreThere() throws IOException {
    String header =
        "{\"__metadata__\":{\"head.weight\":\"embed.weight\",\"format\":\"pt\"},"
            + "\"embed.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}";
    byte[] json = header.getBytes(UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(16 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).putFloat(1).putFloat(2);
    Path file = Files.write(folder.resolve("tied.safetensors"), bytes.array());
    List<WeightTensor> tensors = StateDict.open(file).weights().tensors();
    assertThat(tensors)
        .extracting(WeightTensor::name)
        .containsExactly("embed.weight", "head.weight");
    assertThat(tensors.get(0).values()).isSameAs(tensors.get(1).values());
  }

  private PickleWriter twoNetworks(PickleWriter pickle) {
    for (String before : List.of("net.model.", "net.ema_model.module.")) {
      tensor(pickle, before + "conv.weight", 2, 2);
      tensor(pickle, before + "conv.bias", 2);
      tensor(pickle, before + "head.weight", 3, 2);
      tensor(pickle, before + "norm.count");
    }
    return tensor(pickle, "net.ema_model.n_averaged");
  }

  @Test
  void aKeyIsAnEntryOrWhatTheNamesOfTheWeightsBeginWith() throws IOException {
    Path file = file(twoNetworks(pickle().text("state_dict").step('}')).step('s'));
    assertThat(StateDict.open(file).alike()).containsExactly("net.model", "net.ema_model");
    StateDict plain = StateDict.open(file, "net.model");
    assertThat(plain.alike()).isEmpty();
    assertThat(names(plain))
        .containsExactlyInAnyOrder("conv/weight", "conv/bias", "head/weight", "norm/count");
    StateDict averaged = StateDict.open(file, "state_dict.net.ema_model");
    assertThat(names(averaged))
        .containsExactlyInAnyOrder(
            "conv/weight", "conv/bias", "head/weight", "norm/count", "n_averaged");
    assertThat(averaged.provenance().notes())
        .contains("the weights are those whose names begin with 'state_dict.net.ema_model.'");
    assertThatThrownBy(() -> StateDict.open(file, "net.mode"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("has no entry 'net.mode'");
  }

  @Test
  void anEntryComesBeforeNamesThatBeginSo() throws IOException {
    PickleWriter pickle = pickle();
    tensor(pickle, "ema.conv.weight", 2, 2);
    pickle.text("ema").step('}');
    Path file = file(tensor(pickle, "head.weight", 2, 2).step('s'));
    assertThat(names(StateDict.open(file, "ema"))).containsExactly("head/weight");
  }

  @Test
  void aDraftDoesNotMixNetworks() throws IOException {
    PickleWriter pickle = pickle();
    for (String before : List.of("model.", "ema_model.module.")) {
      tensor(pickle, before + "a.weight", 2, 1, 1, 1);
      tensor(pickle, before + "a.bias", 2);
      tensor(pickle, before + "b.weight", 3, 2, 1, 1);
    }
    Path file = file(pickle);
    assertThatThrownBy(() -> Draft.of(StateDict.open(file)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("--key model or --key ema_model");
    assertThat(Draft.of(StateDict.open(file, "ema_model")).toJson())
        .doesNotContain("ema_model")
        .isEqualTo(Draft.of(StateDict.open(file, "model")).toJson());
  }

  @Test
  void aPrefixIsTakenOffWhereAllNamesBeginSo() throws IOException {
    PickleWriter pickle = pickle();
    tensor(pickle, "student.net.conv.weight", 2, 2);
    Path file = file(tensor(pickle, "student.net.conv.bias", 2));
    StateDict dict = StateDict.open(file).without(List.of("student.", "other."));
    assertThat(names(dict)).containsExactlyInAnyOrder("net/conv/weight", "net/conv/bias");
    assertThat(dict.provenance().notes()).containsExactly("'student.' taken off the names");
  }
}
