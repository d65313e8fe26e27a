package org.palimpsest.io.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/** What tools put before the names of a state dict, and when it is taken off. */
class StateDictNamesTest {

  private static final String COUNTER = "n_averaged";

  private static WeightTensor tensor(String name, long... shape) {
    return new WeightTensor(name, Nd4j.ones(shape), "float32", LayerKind.UNKNOWN);
  }

  private static Weights weights(String... names) {
    List<WeightTensor> tensors = new ArrayList<>();
    for (String name : names) {
      tensors.add(name.equals(COUNTER) ? tensor(name, 1) : tensor(name, 2, 3));
    }
    return Weights.of(Provenance.inMemory("a.pt"), "a", tensors);
  }

  private static List<String> names(Weights weights) {
    return weights.tensors().stream().map(WeightTensor::name).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "module.enc.weight, module.out.weight, enc.weight, out.weight",
    "_orig_mod.enc.weight, _orig_mod.out.weight, enc.weight, out.weight",
    "module._orig_mod.enc.weight, module._orig_mod.out.weight, enc.weight, out.weight",
    "_orig_mod.module.enc.weight, _orig_mod.module.out.weight, enc.weight, out.weight",
    "module.module.enc.weight, module.module.out.weight, enc.weight, out.weight",
    "enc._orig_mod.weight, out.weight, enc.weight, out.weight"
  })
  void wrappersOfParallelAndCompiledTrainingAreTakenOff(
      String first, String second, String plainFirst, String plainSecond) {
    Weights plain = StateDictNames.unwrapped(weights(first, second));

    assertThat(names(plain)).containsExactly(plainFirst, plainSecond);
    assertThat(plain.provenance().notes()).isNotEmpty().allMatch(n -> n.contains("taken off"));
  }

  @Test
  void namesWithoutWrappersAreLeftAsTheyAre() {
    Weights plain = weights("enc.weight", "module.out.weight");

    assertThat(StateDictNames.unwrapped(plain)).isSameAs(plain);
  }

  @Test
  void aCounterBesideTheNetworkKeepsItsName() {
    assertThat(names(StateDictNames.unwrapped(weights(COUNTER, "module.enc.weight"))))
        .containsExactly(COUNTER, "enc.weight");
  }

  @Test
  void nothingIsTakenOffWhereTwoTensorsWouldGetOneName() {
    Weights twice = weights("module.w", "module._orig_mod.w");

    assertThat(names(StateDictNames.unwrapped(twice))).doesNotHaveDuplicates().hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "module., true",
    "_orig_mod., true",
    "module._orig_mod., true",
    "'', true",
    "model., false",
    "module, false"
  })
  void wrappersAreKnownByName(String prefix, boolean isWrapper) {
    assertThat(StateDictNames.isWrapper(prefix)).isEqualTo(isWrapper);
  }

  @Test
  void prefixesAreTakenOffOneAfterTheOtherWhereAllNamesBeginSo() {
    Weights weights = weights("model.net.w", "model.net.b");
    Weights plain = StateDictNames.without(List.of("model.", "other.", "net."), weights);

    assertThat(names(plain)).containsExactly("w", "b");
    assertThat(plain.provenance().notes())
        .containsExactly("'model.' taken off the names", "'net.' taken off the names");
    assertThat(
            StateDictNames.unused(
                List.of("model.", "other.", "module."), List.of(plain.provenance())))
        .containsExactly("other.");
  }

  @Test
  void aPrefixThatWasOfNoUseIsRefused() {
    List<Provenance> files = List.of(Provenance.inMemory("a.pt"), Provenance.inMemory("b.pt"));

    assertThatThrownBy(() -> StateDictNames.requireUse(List.of("model."), files))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("--without-prefix model.", "a.pt or b.pt");
    StateDictNames.requireUse(List.of("module."), files);
    StateDictNames.requireUse(List.of(), files);
  }

  @Test
  void aNetworkBelowAWordIsFoundThere() {
    Weights both = weights("model.w", "ema.module.w", "ema.module.b", "emaciated.w");
    Weights below = StateDictNames.below("ema", both);

    assertThat(names(below)).containsExactly("w", "b");
    assertThat(below.provenance().notes()).anyMatch(note -> note.contains("begin with 'ema.'"));
    assertThatThrownBy(() -> StateDictNames.below("teacher", both))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("a.pt", "'teacher.'", "'model.w'");
  }

  @Test
  void severalNetworksInOneFileAreTold() {
    String[] student = {"student.a.weight", "student.b.weight", "student.c.weight"};
    String[] teacher = {"teacher.a.weight", "teacher.b.weight", "teacher.c.weight"};
    List<String> all = new ArrayList<>(List.of(student));
    all.addAll(List.of(teacher));

    assertThat(StateDictNames.alike(weights(all.toArray(new String[0]))))
        .containsExactly("student", "teacher");
    assertThat(StateDictNames.alike(weights(student))).isEmpty();
    assertThat(StateDictNames.alike(weights(COUNTER))).isEmpty();
  }

  @Test
  void twoBranchesOfOneNetworkAreNotTwoNetworks() {
    assertThat(
            StateDictNames.alike(
                weights(
                    "left.a.weight",
                    "left.b.weight",
                    "left.c.weight",
                    "right.a.weight",
                    "right.b.weight",
                    "right.c.weight")))
        .isEmpty();
  }

  @Test
  void wordsAreTakenOffWhereMoreNamesThenFit() {
    Weights like = weights("enc.weight", "out.weight");
    Weights wrapped =
        weights("model.net.enc.weight", "model.net.out.weight", "model.net.head.weight");
    Weights fitting = StateDictNames.fitting(wrapped, like);

    assertThat(names(fitting)).containsExactly("enc.weight", "out.weight", "head.weight");
    assertThat(fitting.provenance().notes())
        .anyMatch(note -> note.endsWith("since more names then fit"));
    assertThat(StateDictNames.fitting(like, wrapped)).isSameAs(like);
    assertThat(names(StateDictNames.fitting(wrapped, Set.of("net.enc.weight"))))
        .contains("net.enc.weight");
  }

  @Test
  void aNameThatFitsWithAnotherShapeDoesNotCount() {
    Weights wide =
        Weights.of(Provenance.inMemory("b.pt"), "b", List.of(tensor("enc.weight", 5, 3)));
    Weights wrapped = weights("model.enc.weight");

    assertThat(StateDictNames.fitting(wrapped, wide)).isSameAs(wrapped);
  }
}
