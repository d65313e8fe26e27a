package org.palimpsest.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.io.npy.NpyFile;

/** The small networks and probes of {@code make_cli_files.py}, and arrays made here. */
final class SampleFiles {

  static final Path MODEL_A = resource("a.pt");
  static final Path MODEL_B = resource("b.pt");
  static final Path WEIGHTS = resource("weights.pth");
  static final Path PROBES = resource("probes.npy");

  private SampleFiles() {}

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(SampleFiles.class.getResource(name), name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Writes an array of numbers between -1 and 1. */
  static Path array(Path file, long seed, long... shape) {
    NpyFile.write(file, numbers(seed, shape));
    return file;
  }

  static INDArray numbers(long seed, long... shape) {
    int length = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    double[] values = new Random(seed).doubles(length, -1, 1).toArray();
    return Nd4j.create(values, shape, 'c');
  }

  /** Writes a grey PNG image of 16 by 16 random pixels. */
  static Path image(Path file, long seed) throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    int[] pixels = new Random(seed).ints(16 * 16, 0, 256).toArray();
    image.getRaster().setSamples(0, 0, 16, 16, 0, pixels);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  /** A network of two dense layers, as DL4J's ModelSerializer writes it. */
  static Path savedByDl4j(Path file) throws IOException {
    return savedByDl4j(file, 0);
  }

  static Path savedByDl4j(Path file, long seed) throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(seed)
                .list()
                .layer(new DenseLayer.Builder().name("hidden").nIn(3).nOut(4).build())
                .layer(new OutputLayer.Builder().name("scores").nIn(4).nOut(2).build())
                .build());
    network.init();
    ModelSerializer.writeModel(network, file.toFile(), false);
    return file;
  }

  /** Writes the first half of another file. */
  static Path truncated(Path file, Path of) throws IOException {
    byte[] bytes = Files.readAllBytes(of);
    return Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  /** Captures a model's layers. */
  static Path captured(Path file, Path model, Path probes) {
    Outcome.of("capture", model, "--probes", probes, "-o", file).isWell();
    return file;
  }
}
