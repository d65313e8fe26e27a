package org.palimpsest.io.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.probe.Probes;

class NpzActivationWriterTest {

  private static final Provenance MODEL =
      new Provenance("unet.pt", "ab".repeat(32), List.of("switched to evaluation mode"));

  @TempDir Path folder;
  private final Probes probes = Probes.of(Nd4j.randn(DataType.FLOAT, 5, 1, 4, 4));

  private Path target() {
    return folder.resolve("made/out.npz");
  }

  @AfterEach
  void nothingTemporaryIsLeft() throws IOException {
    try (var files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()))
          .isSubsetOf("out.npz");
    }
  }

  private static ActivationBatch batch(long first, Map<String, INDArray> layers) {
    return new ActivationBatch(first, layers);
  }

  private static void capture(Path target, Probes probes, Map<String, INDArray> layers) {
    try (NpzActivationWriter writer = NpzActivationWriter.create(target, MODEL, probes)) {
      for (int from = 0; from < 5; from += 2) {
        int to = Math.min(5, from + 2);
        int first = from;
        Map<String, INDArray> some = new LinkedHashMap<>();
        layers.forEach((layer, all) -> some.put(layer, all.get(NDArrayIndex.interval(first, to))));
        writer.accept(batch(from, some));
      }
      writer.finish();
    }
  }

  @Test
  void layersWithOddNamesComeBackAsTheyWere() {
    Map<String, INDArray> layers = new LinkedHashMap<>();
    layers.put("enc1.conv", Nd4j.randn(DataType.FLOAT, 5, 3, 2, 2));
    layers.put("../../up", Nd4j.randn(DataType.DOUBLE, 5, 7));
    layers.put("relu#2", Nd4j.randn(DataType.FLOAT, 5, 1));
    layers.put("couche/ünïté.npy", Nd4j.randn(DataType.FLOAT, 5, 2).castTo(DataType.HALF));
    layers.put("", Nd4j.randn(DataType.DOUBLE, 5, 2, 2, 2, 2));
    capture(target(), probes, layers);

    NpzActivations read = NpzActivations.open(target());
    assertThat(read.layers()).containsExactlyElementsOf(layers.keySet());
    layers.forEach(
        (layer, values) -> {
          DataType kept = values.dataType() == DataType.HALF ? DataType.FLOAT : values.dataType();
          assertThat(read.get(layer).values()).isEqualTo(values.castTo(kept));
          assertThat(read.get(layer).probes()).isEqualTo(probes.fingerprint());
        });
    assertThat(read.probes()).isEqualTo(probes.fingerprint());
    assertThat(read.provenance().origin()).isEqualTo("unet.pt");
    assertThat(read.provenance().sha256()).isEqualTo("ab".repeat(32));
    assertThat(read.provenance().notes())
        .containsExactly(
            "switched to evaluation mode",
            "layers have names such as '../../up', which lead out of a folder or hold control"
                + " characters: read the archive, do not unpack it",
            "read from out.npz");
  }

  @Test
  void withoutFinishNothingIsWritten() {
    try (NpzActivationWriter writer = NpzActivationWriter.create(target(), MODEL, probes)) {
      writer.accept(batch(0, Map.of("a", Nd4j.ones(2, 3))));
    }
    assertThat(target()).doesNotExist();
    assertThat(target().getParent()).doesNotExist();
  }

  @Test
  void aLayerThatDoesNotAnswerEveryProbeIsRefused() {
    try (NpzActivationWriter writer = NpzActivationWriter.create(target(), MODEL, probes)) {
      writer.accept(batch(0, Map.of("a", Nd4j.ones(4, 3))));
      assertThatThrownBy(writer::finish)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("Layer 'a' gave 4 rows for 5 probes");
    }
    assertThat(target()).doesNotExist();
  }

  @Test
  void aLayerWhoseFeaturesChangeIsRefused() {
    try (NpzActivationWriter writer = NpzActivationWriter.create(target(), MODEL, probes)) {
      writer.accept(batch(0, Map.of("a", Nd4j.ones(2, 3))));
      assertThatThrownBy(() -> writer.accept(batch(2, Map.of("a", Nd4j.ones(2, 4)))))
          .hasMessageContaining("[2, 4]");
      assertThatThrownBy(() -> writer.accept(batch(2, Map.of("b", Nd4j.ones(2, 3)))))
          .hasMessageContaining("Layer 'b'");
    }
  }

  @Test
  void layersThatHoldNaNAreNamed() {
    INDArray bad = Nd4j.ones(DataType.FLOAT, 5, 2);
    bad.putScalar(1, 0, Float.NaN);
    bad.putScalar(4, 1, Float.NEGATIVE_INFINITY);
    capture(target(), probes, Map.of("bad", bad, "good", Nd4j.ones(DataType.FLOAT, 5, 2)));

    assertThat(NpzActivations.open(target()).provenance().cautions())
        .contains("holds NaN or infinite values, which no measure takes: 'bad' (2 values)");
  }

  @Test
  void noLayerAtAllIsRefused() {
    try (NpzActivationWriter writer = NpzActivationWriter.create(target(), MODEL, probes)) {
      writer.accept(batch(0, Collections.emptyMap()));
      assertThatThrownBy(writer::finish).hasMessageContaining("No layer was captured");
    }
  }

  @Test
  void notesThatDoNotFitAreCutAndSaySo() {
    List<String> notes = Collections.nCopies(3000, "a note of some forty characters, repeated");
    Provenance talkative = new Provenance("unet.pt", "", notes);
    try (NpzActivationWriter writer = NpzActivationWriter.create(target(), talkative, probes)) {
      writer.accept(batch(0, Map.of("a", Nd4j.ones(5, 3))));
      writer.finish();
    }
    assertThat(NpzActivations.open(target()).provenance().notes())
        .contains("further notes did not fit into the archive");
  }

  /** They were halved for ever. */
  @Test
  @Timeout(60)
  void aNoteThatDoesNotFitAloneIsLeftOut() {
    String tooLong = "x".repeat(70_000);
    for (List<String> notes :
        List.of(
            List.of(tooLong), List.of(tooLong, "short"), List.of("short", "other", tooLong, "b"))) {
      Provenance talkative = new Provenance("unet.pt", "", notes);
      try (NpzActivationWriter writer = NpzActivationWriter.create(target(), talkative, probes)) {
        writer.accept(batch(0, Map.of("a", Nd4j.ones(5, 3))));
        writer.finish();
      }
      NpzActivations read = NpzActivations.open(target());
      assertThat(read.provenance().origin()).isEqualTo("unet.pt");
      assertThat(read.provenance().notes())
          .contains("further notes did not fit into the archive")
          .doesNotContain(tooLong);
    }
  }

  @Test
  void aFolderInTheWayIsSaid() throws IOException {
    Files.createDirectories(target());
    assertThatThrownBy(() -> NpzActivationWriter.create(target(), MODEL, probes))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("is a folder");
  }
}
