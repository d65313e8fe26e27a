package org.palimpsest.io.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.image.Preprocessing.Normalisation;

/** Images of Pillow's, volumes by hand; see io/src/test/python/make_image_fixtures.py. */
class ImageProbesTest {

  @TempDir Path folder;

  private static Path file(String name) {
    try {
      return Path.of(ImageProbesTest.class.getResource("/image/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static double[] values(INDArray tensor) {
    double[] values = new double[(int) tensor.length()];
    TensorReader.of(tensor).read(0, values);
    return values;
  }

  private static void assertExpected(INDArray read, String name, double tolerance)
      throws IOException {
    JsonNode wanted = new ObjectMapper().readTree(file("expected.json").toFile()).get(name);
    long[] shape = new long[wanted.get("shape").size() + 1];
    shape[0] = 1;
    for (int i = 1; i < shape.length; i++) {
      shape[i] = wanted.get("shape").get(i - 1).asLong();
    }
    assertThat(read.shape()).isEqualTo(shape);
    double[] values = values(read);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isEqualTo(wanted.get("values").get(i).asDouble(), within(tolerance));
    }
  }

  private static INDArray only(Probes probes) {
    return probes.batch(0, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grey.png",
        "colour.png",
        "alpha.png",
        "deep.png",
        "bits.png",
        "grey.tiff",
        "packed.tiff",
        "floating.tiff",
        "palette.gif",
        "flat.jpg",
        "volume.nii",
        "big.nii.gz"
      })
  void everyFormatHasItsValues(String name) throws IOException {
    assertExpected(only(ImageProbes.open(file(name), Preprocessing.none())), name, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4x5", "13x20"})
  void resizingIsPillowsBilinear(String size) throws IOException {
    int height = Integer.parseInt(size.split("x")[0]);
    int width = Integer.parseInt(size.split("x")[1]);
    INDArray resized =
        only(ImageProbes.open(file("floating.tiff"), Preprocessing.none().withSize(height, width)));
    assertExpected(resized, "floating.tiff " + size, 1e-6);
  }

  @Test
  void numbersAreScaledAsAsked() {
    Preprocessing unit = Preprocessing.none().with(Normalisation.UNIT);
    assertThat(values(only(ImageProbes.open(file("flat.jpg"), unit))))
        .containsOnly((float) (100 / 255.0));
    double[] deep = values(only(ImageProbes.open(file("deep.png"), unit)));
    assertThat(Arrays.stream(deep).max().getAsDouble()).isBetween(0.9, 1.0);
    Preprocessing shifted = unit.withMeanAndDeviation(List.of(0.5), List.of(0.25));
    assertThat(values(only(ImageProbes.open(file("flat.jpg"), shifted))))
        .containsOnly((float) ((100 / 255.0 - 0.5) / 0.25));
    Preprocessing standard = Preprocessing.none().with(Normalisation.STANDARDISE);
    double[] standardised = values(only(ImageProbes.open(file("colour.png"), standard)));
    assertThat(Arrays.stream(standardised).average().getAsDouble()).isEqualTo(0, within(1e-6));
    assertThatThrownBy(() -> ImageProbes.open(file("flat.jpg"), standard))
        .hasMessageContaining("one value everywhere");
  }

  @Test
  void aFolderIsReadInTheOrderOfNamesWhichIsPartOfTheFingerprint() throws IOException {
    for (String name : List.of("grey.png", "bits.png", "grey.tiff")) {
      Files.copy(file(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("notes.txt"), "no image");
    ImageProbes probes = ImageProbes.open(folder, Preprocessing.none());
    assertThat(probes.files())
        .extracting(f -> f.getFileName().toString())
        .containsExactly("bits.png", "grey.png", "grey.tiff");
    assertThat(probes.shape()).containsExactly(3, 1, 7, 9);
    assertThat(probes.fingerprint()).isEqualTo(Probes.of(probes.batch(0, 3)).fingerprint());
    Files.move(folder.resolve("bits.png"), folder.resolve("z.png"));
    assertThat(ImageProbes.open(folder, Preprocessing.none()).fingerprint())
        .isNotEqualTo(probes.fingerprint());
  }

  @Test
  void greyAndColourTogetherNeedToBeToldWhatToBecome() throws IOException {
    for (String name : List.of("grey.png", "colour.png")) {
      Files.copy(file(name), folder.resolve(name));
    }
    assertThatThrownBy(() -> ImageProbes.open(folder, Preprocessing.none()))
        .hasMessageContaining("grey.png comes out in the shape [1, 7, 9]");
    Preprocessing grey = Preprocessing.none().withChannels(1);
    assertThat(ImageProbes.open(folder, grey).shape()).containsExactly(2, 1, 7, 9);
    assertThat(ImageProbes.open(folder, grey.withChannels(3)).shape()).containsExactly(2, 3, 7, 9);
    assertThat(grey.withSize(4, 5).with(Normalisation.UNIT).describe())
        .isEqualTo("grey, 4x5, unit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"grey.png", "packed.tiff", "palette.gif", "volume.nii", "big.nii.gz"})
  void truncatedFilesAreRefused(String name) throws IOException {
    byte[] whole = Files.readAllBytes(file(name));
    for (int length = 0; length < whole.length - 16; length += 13) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ImageProbes.open(cut, Preprocessing.none()))
          .as("first %d bytes", length)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("cut");
    }
  }

  @Test
  void anImageWithAWrongChecksumIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file("grey.png"));
    whole[whole.length / 2] ^= 1;
    Path damaged = Files.write(folder.resolve("damaged.png"), whole);
    assertThatThrownBy(() -> ImageProbes.open(damaged, Preprocessing.none()))
        .hasMessageContaining("damaged.png is damaged: a checksum differs");
  }

  @Test
  void volumesThatLieAboutTheirSizeAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file("volume.nii"));
    ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putShort(42, (short) 30000);
    Path lying = Files.write(folder.resolve("lying.nii"), whole);
    assertThatThrownBy(() -> ImageProbes.open(lying, Preprocessing.none()))
        .hasMessageContaining("lying.nii is truncated or damaged");
  }

  @Test
  void imagesThatClaimMorePixelsThanTheyCanHoldAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file("grey.png"));
    ByteBuffer bytes = ByteBuffer.wrap(whole).putInt(16, 30000).putInt(20, 30000);
    CRC32 checksum = new CRC32();
    checksum.update(whole, 12, 17);
    bytes.putInt(29, (int) checksum.getValue());
    Path bomb = Files.write(folder.resolve("bomb.png"), whole);
    assertThatThrownBy(() -> ImageProbes.open(bomb, Preprocessing.none()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("bomb.png claims 30000 x 30000 pixels");
  }
}
