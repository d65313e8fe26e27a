package org.palimpsest.io.internal.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.internal.capture.ActivationSourceContract;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.npy.NpzActivationWriter;
import org.palimpsest.io.npy.NpzActivations;

class IsolatedNetworkTest extends ActivationSourceContract {

  private static final INDArray PROBES = Nd4j.linspace(DataType.FLOAT, -1, 0.01, 5 * 64);

  @Override
  protected ActivationSource network(int batchSize) {
    return open("unet_scripted", batchSize);
  }

  @Override
  protected Probes probes() {
    return Probes.of(PROBES.reshape(5, 1, 8, 8));
  }

  @Override
  protected Probes wrongProbes() {
    return Probes.of(Nd4j.ones(DataType.FLOAT, 2, 3, 8, 8));
  }

  @Override
  protected List<String> layersInOrder() {
    try (TorchScriptNetwork network = TorchScriptNetwork.open(archive("unet_scripted"))) {
      return network.layers(probes());
    }
  }

  private static Path archive(String name) {
    return resource("/org/palimpsest/io/internal/torchscript/" + name + ".pt");
  }

  private static Path resource(String name) {
    try {
      return Path.of(IsolatedNetworkTest.class.getResource(name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static IsolatedNetwork open(String name, int batchSize) {
    return IsolatedNetwork.open(archive(name), RunLimits.withDefaults().withBatchSize(batchSize));
  }

  @Test
  void itAnswersToTheBitAsItDoesInThisProcess() {
    try (IsolatedNetwork apart = open("dropout_saved_in_training", 16);
        TorchScriptNetwork here = TorchScriptNetwork.open(archive("dropout_saved_in_training"))) {
      ActivationSet expected = here.capture(probes(), LayerSelector.all());
      ActivationSet answers = apart.capture(probes(), LayerSelector.all());

      assertThat(answers.layers()).isEqualTo(expected.layers());
      for (String layer : expected.layers()) {
        assertThat(answers.get(layer).values()).as(layer).isEqualTo(expected.get(layer).values());
      }
      assertThat(apart.provenance().notes()).containsAll(here.provenance().notes());
      assertThat(apart.provenance().sha256()).isEqualTo(here.provenance().sha256());
    }
  }

  @Test
  void twoNetworksOfOneProcessAnswerAsTheyDoInTheirOwn() {
    ActivationSet alone;
    try (IsolatedNetwork traced = open("unet_traced", 2)) {
      alone = traced.capture(probes(), LayerSelector.all());
    }
    RunLimits limits = RunLimits.withDefaults().withBatchSize(2);
    List<IsolatedNetwork> both = openBoth(archive("unet_scripted"), archive("unet_traced"), limits);
    try (IsolatedNetwork first = both.get(0);
        IsolatedNetwork second = both.get(1)) {
      assertThatThrownBy(
              () ->
                  first.run(
                      probes(),
                      LayerSelector.all(),
                      Progress.silent(),
                      batch -> {
                        ActivationSet beside = second.capture(probes(), LayerSelector.all());
                        for (String layer : alone.layers()) {
                          assertThat(beside.get(layer).values())
                              .as(layer)
                              .isEqualTo(alone.get(layer).values());
                        }
                        throw new IllegalStateException("compared");
                      }))
          .hasMessage("compared");
      first.close();
      assertThat(second.capture(probes(), LayerSelector.all()).layers()).isEqualTo(alone.layers());
    }
  }

  private static List<IsolatedNetwork> openBoth(Path first, Path second, RunLimits limits) {
    return IsolatedNetwork.openBoth(
        first, NetworkOptions.none(), second, NetworkOptions.none(), limits);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void networksOfOneProcessDieTogetherAndOthersLive() {
    RunLimits limits = RunLimits.withDefaults().withBatchSize(2);
    Path sound = archive("unet_traced");
    List<IsolatedNetwork> both = openBoth(archive("deadly"), sound, limits);
    try (IsolatedNetwork first = both.get(0);
        IsolatedNetwork second = both.get(1);
        IsolatedNetwork third = open("unet_traced", 2)) {
      assertThatThrownBy(() -> first.capture(Probes.of(deadly()), LayerSelector.all()))
          .hasMessageContaining("deadly.pt killed the runtime that ran it");
      assertThatThrownBy(() -> second.capture(probes(), LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class);
      assertThat(third.capture(probes(), LayerSelector.all()).layers()).isNotEmpty();
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whichOfTwoThatRanAtOnceKilledTheirProcessIsNotGuessed() {
    List<IsolatedNetwork> both =
        openBoth(
            archive("deadly"), archive("unet_traced"), RunLimits.withDefaults().withBatchSize(2));
    try (IsolatedNetwork first = both.get(0);
        IsolatedNetwork second = both.get(1)) {
      assertThatThrownBy(
              () ->
                  second.run(
                      probes(),
                      LayerSelector.all(),
                      Progress.silent(),
                      batch -> first.capture(Probes.of(deadly()), LayerSelector.all())))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll(
              "unet_traced.pt", " or ", "deadly.pt", "killed the runtime that ran both");
    }
  }

  @Test
  void ofTwoNetworksTheOneThatCannotBeOpenedIsNamedAndTheOtherClosed() {
    RunLimits limits = RunLimits.withDefaults();
    Path sound = archive("unet_traced");
    Path unsound = archive("not_state_dict");
    assertThatThrownBy(() -> openBoth(sound, unsound, limits))
        .hasMessageContaining("not_state_dict.pt");
    assertThatThrownBy(() -> openBoth(unsound, sound, limits))
        .hasMessageContaining("not_state_dict.pt");
    List<IsolatedNetwork> both = openBoth(sound, sound, limits);
    both.forEach(
        network -> {
          try (network) {
            assertThat(network.capture(probes(), LayerSelector.all()).layers()).isNotEmpty();
          }
        });
  }

  /** Sound but for its last probe. */
  private static INDArray deadly() {
    INDArray harmless = Nd4j.zeros(DataType.FLOAT, 5, 1, 8, 8);
    harmless.putScalar(new int[] {4, 0, 0, 0}, 99);
    return harmless;
  }

  @Test
  void aFileThatCannotBeOpenedIsRefusedWithTheSameWords() {
    assertThatThrownBy(() -> open("not_state_dict", 2))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("not_state_dict.pt")
        .hasMessageNotContaining("Unexpected");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aNetworkThatKillsTheRuntimeIsOneErrorWithFileAndSignalAndLosesNothing(@TempDir Path folder)
      throws IOException {
    Path good = folder.resolve("good.npz");
    write("unet_scripted", probes(), good);
    byte[] before = Files.readAllBytes(good);

    assertThatThrownBy(() -> write("deadly", Probes.of(deadly()), folder.resolve("deadly.npz")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("deadly.pt killed the runtime")
        .hasMessageContaining("signal 11 (SIGSEGV");

    assertThat(Files.readAllBytes(good)).isEqualTo(before);
    assertThat(NpzActivations.open(good).get("output").samples()).isEqualTo(5);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(good);
    }
    write("unet_scripted", probes(), folder.resolve("next.npz"));
  }

  private static void write(String name, Probes probes, Path target) {
    try (IsolatedNetwork network = open(name, 2);
        NpzActivationWriter writer =
            NpzActivationWriter.create(target, network.provenance(), probes)) {
      network.run(probes, LayerSelector.all(), Progress.silent(), writer);
      writer.finish();
    }
  }

  @Test
  void whatTheNetworkPrintsStaysOutOfThisProcessesOutput() {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (IsolatedNetwork network = open("deadly", 5)) {
      assertThat(network.capture(probes(), LayerSelector.all()).layers())
          .containsExactly("conv", "output");
    } finally {
      System.setOut(out);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).doesNotContain("a word");
  }

  /** Files may change or vanish while they are read. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aNetworkCanBeRunAgainAfterItsProbesFailed(int failing) {
    ProbesThatFail failed = new ProbesThatFail(probes(), failing);
    try (IsolatedNetwork network = open("unet_scripted", 1)) {
      ActivationSet expected = network.capture(probes(), LayerSelector.all());
      for (int round = 0; round < 2; round++) {
        assertThatThrownBy(() -> network.capture(failed, LayerSelector.all()))
            .isInstanceOf(PalimpsestException.class)
            .hasMessage("probe %d is gone", failing);
        assertThatThrownBy(
                () -> network.shapes(new ProbesThatFail(probes(), 0), LayerSelector.all()))
            .isInstanceOf(PalimpsestException.class)
            .hasMessage("probe 0 is gone");
      }
      ActivationSet again = network.capture(probes(), LayerSelector.all());
      for (String layer : expected.layers()) {
        assertThat(again.get(layer).values()).as(layer).isEqualTo(expected.get(layer).values());
      }
    }
  }

  private record ProbesThatFail(Probes sound, long at) implements Probes {
    @Override
    public long count() {
      return sound.count();
    }

    @Override
    public long[] shape() {
      return sound.shape();
    }

    @Override
    public Fingerprint fingerprint() {
      return sound.fingerprint();
    }

    @Override
    public INDArray batch(long from, long to) {
      if (from <= at && at < to) {
        throw new PalimpsestException("probe " + at + " is gone");
      }
      return sound.batch(from, to);
    }
  }

  @Test
  void aNetworkCanBeRunAgainAfterItsReceiverFailed() {
    try (IsolatedNetwork network = open("unet_scripted", 2)) {
      assertThatThrownBy(
              () ->
                  network.run(
                      probes(),
                      LayerSelector.all(),
                      Progress.silent(),
                      batch -> {
                        throw new IllegalStateException("the disk is full");
                      }))
          .hasMessage("the disk is full");
      assertThat(network.capture(probes(), LayerSelector.all()).layers())
          .isEqualTo(layersInOrder());
    }
  }

  @Test
  void aNetworkWritesToNoFileOutsideOfItsFolderOrTheResultSaysThatItCould() throws IOException {
    List<Path> written =
        List.of(Path.of("saved-by-a-network.bin"), Path.of("mapped-by-a-network.bin"));
    boolean could = true;
    try (IsolatedNetwork network =
        IsolatedNetwork.open(hostile("writing"), RunLimits.withDefaults())) {
      could = network.provenance().notes().stream().anyMatch(note -> note.contains("could write"));
      network.capture(probes(), LayerSelector.all());
    } catch (PalimpsestException refused) {
      assertThat(refused).hasMessageContaining("writing.pt").hasMessageContaining("mapped-by");
    } finally {
      for (Path file : written) {
        assertThat(Files.deleteIfExists(file) && !could).as(file.toString()).isFalse();
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aNetworkThatTakesMoreAndMoreMemoryIsStoppedAtTheBound() {
    RunLimits limits = RunLimits.withDefaults().withMemory(new MemoryBound(600L << 20));
    try (IsolatedNetwork network = IsolatedNetwork.open(hostile("greedy"), limits)) {
      assertThatThrownBy(() -> network.capture(probes(), LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("greedy.pt")
          .hasMessageMatching(
              "(?s).*(memory are too little for .greedy.pt.|SIGABRT).*"); // as its threads may end
      // it
      assertThatThrownBy(() -> network.capture(probes(), LayerSelector.all()))
          .hasMessageContaining("greedy.pt");
    }
  }

  @Test
  void nothingIsLeftInTheTemporaryFolderWhenANetworkIsClosed(@TempDir Path folder)
      throws IOException {
    String usual = System.setProperty("java.io.tmpdir", folder.toString());
    try (IsolatedNetwork first = open("unet_scripted", 2);
        IsolatedNetwork second = open("unet_traced", 2)) {
      assertThat(first.name()).isNotEqualTo(second.name());
      assertThatThrownBy(() -> open("not_state_dict", 2)).isInstanceOf(PalimpsestException.class);
    } finally {
      System.setProperty("java.io.tmpdir", usual);
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.count())
          .as("the folder of the one process that waits")
          .isLessThanOrEqualTo(1);
    }
    IsolatedNetwork.ChildPool.take(Thrift.within(MemoryBound.unlimited()), FileKind.TORCHSCRIPT)
        .close();
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aProcessThatWasStartedAheadRunsTheFirstNetwork() {
    IsolatedNetwork.ChildPool.take(Thrift.within(MemoryBound.unlimited()), FileKind.TORCHSCRIPT)
        .close();
    IsolatedNetwork.startAhead(FileKind.TORCHSCRIPT, MemoryBound.unlimited());
    long started = ProcessHandle.current().children().count();

    try (IsolatedNetwork network = open("unet_scripted", 2)) {
      assertThat(network.name()).isEqualTo("unet_scripted.pt");
      assertThat(ProcessHandle.current().children().count()).isEqualTo(started);
    }
  }

  @Test
  void networksOfLimitedMemoryHaveAProcessEachThatWasStartedAhead() {
    IsolatedNetwork.ChildPool.take(Thrift.within(MemoryBound.unlimited()), FileKind.TORCHSCRIPT)
        .close();
    RunLimits limits = RunLimits.withDefaults().withMemory(new MemoryBound(2L << 30));
    IsolatedNetwork.startAhead(FileKind.TORCHSCRIPT, limits.memory());
    IsolatedNetwork.startAhead(FileKind.TORCHSCRIPT, limits.memory());
    List<Long> started = children();

    List<IsolatedNetwork> both =
        IsolatedNetwork.openBoth(
            archive("unet_scripted"),
            NetworkOptions.none(),
            archive("unet_traced"),
            NetworkOptions.none(),
            limits);
    try {
      assertThat(children()).hasSize(2).isEqualTo(started);
      assertThat(both)
          .extracting(IsolatedNetwork::name)
          .containsExactly("unet_scripted.pt", "unet_traced.pt");
    } finally {
      both.forEach(IsolatedNetwork::close);
    }
  }

  @Test
  void ofTwoNetworksOfLimitedMemoryNoneStaysOpenWhereOneFails() {
    RunLimits limits = RunLimits.withDefaults().withMemory(new MemoryBound(2L << 30));
    Path sound = archive("unet_scripted");
    Path other = archive("not_state_dict");
    for (List<Path> pair : List.of(List.of(sound, other), List.of(other, sound))) {
      assertThatThrownBy(
              () ->
                  IsolatedNetwork.openBoth(
                      pair.get(0),
                      NetworkOptions.none(),
                      pair.get(1),
                      NetworkOptions.none(),
                      limits))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("not_state_dict.pt");
      assertThat(children()).as("the one that waits").hasSizeLessThanOrEqualTo(1);
    }
  }

  private static List<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).sorted().toList();
  }

  private static Path hostile(String name) {
    return resource("/org/palimpsest/io/internal/isolation/" + name + ".pt");
  }
}
