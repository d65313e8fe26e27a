package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** A network that is opened after another one answers as it does when it is opened by itself. */
class NextNetworkTest {

  private static final RunLimits LIMITS = RunLimits.withDefaults();
  private static final int HIGH_BYTE = 2;
  private static final int HIGH_DIGIT = 0x20;

  @TempDir private Path folder;

  static Stream<String> hooked() {
    return TorchScriptNetworkTest.networks().stream();
  }

  @ParameterizedTest
  @MethodSource("hooked")
  void checkpointsAnswerAsByThemselves(String name) throws IOException {
    Path first = HookedActivations.archive(name + ".pt");
    Path second = sibling(first, "later", NextNetworkTest::otherDigits);
    Probes probes = Probes.of(HookedActivations.read(name).probes());

    ActivationSet alone;
    List<String> notes;
    try (TorchScriptNetwork network = TorchScriptNetwork.open(second)) {
      alone = network.capture(probes, LayerSelector.all());
      notes = network.provenance().notes();
    }
    try (TorchScriptNetwork before = TorchScriptNetwork.open(first)) {
      ActivationSet original = before.capture(probes, LayerSelector.all());
      try (TorchScriptNetwork next = before.next(second, LIMITS)) {
        assertSame(next.capture(probes, LayerSelector.all()), alone);
        assertThat(next.provenance().notes()).containsExactlyInAnyOrderElementsOf(notes);
        assertThat(next.provenance().origin()).isEqualTo(second.toString());
        assertThat(next.name()).isEqualTo("later.pt");
        try (TorchScriptNetwork back = next.next(first, LIMITS)) {
          assertSame(back.capture(probes, LayerSelector.all()), original);
        }
      }
    }
  }

  /** So that the test above is one of networks that share their code. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "unet_scripted",
        "unet_traced",
        "volume",
        "shared_scripted",
        "double",
        "half_precision",
        "hooked",
        "attention"
      })
  void aSiblingTakesTheModuleOver(String name) throws IOException {
    Path first = HookedActivations.archive(name + ".pt");
    TorchScriptArchive archive = TorchScriptArchive.open(first);
    TorchScriptArchive next =
        archive.sibling(sibling(first, "later", NextNetworkTest::otherDigits)).orElseThrow();

    assertThat(next.sha256()).isNotEqualTo(archive.sha256());
    RunModule.Shared module = new RunModule.Shared(archive);
    RunModule.Shared taken = module.handOver(next).orElseThrow();
    module.close();
    taken.close();
  }

  /** DJL would bring the process down over tensors of bfloat16. */
  @ParameterizedTest
  @ValueSource(strings = {"quantised_layers", "bfloat16"})
  void networksOfOtherTensorsAreLoadedAnew(String name) {
    TorchScriptArchive archive = TorchScriptArchive.open(HookedActivations.archive(name + ".pt"));

    assertThat(archive.tensors()).isEmpty();
  }

  @Test
  void otherCodeIsNoSibling() throws IOException {
    Path first = HookedActivations.archive("unet_scripted.pt");
    Path other = sibling(first, "other", entry -> entry);
    TorchScriptArchive archive = TorchScriptArchive.open(first);
    assertThat(archive.sibling(other)).isPresent();

    Path changed =
        rewritten(
            first,
            "changed",
            (name, content) ->
                name.endsWith(".py")
                    ? (new String(content, StandardCharsets.UTF_8) + "\n")
                        .getBytes(StandardCharsets.UTF_8)
                    : content);
    assertThat(archive.sibling(changed)).isEmpty();
    assertThat(archive.sibling(HookedActivations.archive("unet_traced.pt"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "counts_runs",
        "counts_in_buffer",
        "counts_in_list",
        "counts_in_tensors",
        "counts_in_shape"
      })
  void whatANetworkKeepsOfItsPassesIsNotHandedOn(String name) {
    Path file = HookedActivations.archive(name + ".pt");
    Probes probes = Probes.of(Nd4j.linspace(1, 20, 20).reshape(5, 4));
    try (TorchScriptNetwork before = TorchScriptNetwork.open(file)) {
      ActivationSet first = before.capture(probes, LayerSelector.all());
      try (TorchScriptNetwork next = before.next(file, LIMITS)) {
        assertSame(next.capture(probes, LayerSelector.all()), first);
      }
    }
  }

  /** Its factor is zero at first, so that nothing shows in the first network. */
  @Test
  void whatDependsOnNeighboursOnceItIsTrainedIsTold() throws IOException {
    Path start = HookedActivations.archive("mixes_by_gate.pt");
    Path trained = sibling(start, "trained", NextNetworkTest::oneInPlaceOfZero);
    Probes probes = Probes.of(Nd4j.rand(6, 4));
    String told = "depends on which probes are shown together";

    try (TorchScriptNetwork first = TorchScriptNetwork.open(start)) {
      first.capture(probes, LayerSelector.all());
      assertThat(first.provenance().notes()).noneMatch(note -> note.startsWith(told));
      try (TorchScriptNetwork second = first.next(start, LIMITS)) {
        second.capture(probes, LayerSelector.all());
        assertThat(second.provenance().notes()).noneMatch(note -> note.startsWith(told));
        try (TorchScriptNetwork third = second.next(trained, LIMITS)) {
          third.capture(probes, LayerSelector.all());
          assertThat(third.provenance().notes()).anyMatch(note -> note.startsWith(told));
        }
      }
    }
  }

  @Test
  void aDamagedFileIsRefusedAsByItself() throws IOException {
    Path first = HookedActivations.archive("unet_scripted.pt");
    Path damaged = folder.resolve("damaged.pt");
    byte[] bytes = Files.readAllBytes(first);
    Files.write(damaged, Arrays.copyOf(bytes, bytes.length / 2));

    try (TorchScriptNetwork before = TorchScriptNetwork.open(first)) {
      assertThatThrownBy(() -> before.next(damaged, LIMITS))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("damaged.pt");
    }
  }

  private static void assertSame(ActivationSet actual, ActivationSet expected) {
    assertThat(actual.layers()).containsExactlyElementsOf(expected.layers());
    for (String layer : expected.layers()) {
      assertThat(actual.get(layer).values().ravel().toDoubleVector())
          .as(layer)
          .containsExactly(expected.get(layer).values().ravel().toDoubleVector());
    }
  }

  /**
   * What a training does to numbers: other digits in each float, no other size; lone numbers stay.
   */
  private static byte[] otherDigits(byte[] numbers) {
    byte[] other = numbers.clone();
    boolean isScalar = numbers.length <= Double.BYTES;
    for (int i = HIGH_BYTE; !isScalar && i < other.length; i += Float.BYTES) {
      other[i] ^= HIGH_DIGIT;
    }
    return other;
  }

  private static byte[] oneInPlaceOfZero(byte[] numbers) {
    boolean isGate = Arrays.equals(numbers, new byte[Float.BYTES]);
    return isGate
        ? ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(1).array()
        : numbers;
  }

  /** The same archive in a folder of another name, with other numbers. */
  private Path sibling(Path file, String name, UnaryOperator<byte[]> numbers) throws IOException {
    return rewritten(
        file,
        name,
        (entry, content) -> entry.matches("[^/]+/data/\\d+") ? numbers.apply(content) : content);
  }

  private interface Rewriting {
    byte[] of(String entry, byte[] content);
  }

  private Path rewritten(Path file, String name, Rewriting rewriting) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        byte[] content = zip.getInputStream(entry).readAllBytes();
        String path = entry.getName();
        entries.put(name + path.substring(path.indexOf('/')), rewriting.of(path, content));
      }
    }
    Path target = folder.resolve(name + ".pt");
    try (OutputStream out = Files.newOutputStream(target);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        ZipEntry stored = new ZipEntry(entry.getKey());
        CRC32 sum = new CRC32();
        sum.update(entry.getValue());
        stored.setMethod(ZipEntry.STORED);
        stored.setSize(entry.getValue().length);
        stored.setCrc(sum.getValue());
        zip.putNextEntry(stored);
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return target;
  }
}
