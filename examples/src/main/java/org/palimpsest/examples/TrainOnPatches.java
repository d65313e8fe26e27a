package org.palimpsest.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.Raster;
import org.palimpsest.reproduction.training.InitialState;
import org.palimpsest.reproduction.training.Training;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNet;
import org.palimpsest.reproduction.training.UNetDesign;

/**
 * Trains a small U-Net to tell whatever is labelled from the background, on patches that {@code
 * patches --masks} made, and saves it before and after: something to compare where one has no
 * network.
 */
public final class TrainOnPatches {

  private static final int STEPS = 200;
  private static final int BATCH = 8;
  private static final float RATE = 2e-3f;
  private static final int WIDTH = 8;
  private static final int DEPTH = 3;
  private static final int HELD_OUT = 6;

  private TrainOnPatches() {}

  /**
   * @param arguments patches of one channel, {@code .npy}, beside which their labels lie; the
   *     folder for {@code start.pt} and {@code end.pt}; perhaps how many steps
   */
  public static void main(String[] arguments) throws IOException {
    Path patches = Path.of(arguments[0]);
    Path folder = Files.createDirectories(Path.of(arguments[1]));
    int steps = arguments.length > 2 ? Integer.parseInt(arguments[2]) : STEPS;
    List<LabelledImage> images = images(patches);
    int kept = images.size() - Math.max(1, images.size() / HELD_OUT);
    int axes = images.get(0).image().rank();
    UNetDesign design = UNetDesign.small().withWidth(WIDTH).withDepth(DEPTH).withDimensions(axes);
    requireHalvable(images.get(0), design);
    UNet network = UNet.of(design);
    Training training =
        new Training(
            network,
            new TrainingPlan(steps, BATCH, RATE, List.of()),
            path -> false,
            images.subList(0, kept),
            images.subList(kept, images.size()),
            0);
    try (Progress.Task task = Progress.silent().begin("steps", steps)) {
      training.run(
          InitialState.he(0).of(network),
          task,
          (step, state, dice) -> {
            Path file = folder.resolve(step == 0 ? "start.pt" : "end.pt");
            write(file, network.archive(state));
            System.out.printf(
                Locale.ROOT,
                "%s  after %d steps: Dice %.3f on patches held out%n",
                file,
                step,
                dice);
          });
    }
  }

  private static void requireHalvable(LabelledImage patch, UNetDesign design) {
    for (int extent : patch.image().extents()) {
      if (!design.canHalve(extent)) {
        throw new PalimpsestException(
            "Sides of patches are halved %s times, which %s does not allow: take a --patch-size of multiples of %s."
                .formatted(DEPTH - 1, extent, 1 << (DEPTH - 1)));
      }
    }
  }

  private static void write(Path file, byte[] archive) {
    try {
      Files.write(file, archive);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<LabelledImage> images(Path patches) {
    INDArray images = NpyFile.read(patches).castTo(DataType.FLOAT);
    INDArray labels =
        NpyFile.read(Path.of(patches.toString().replaceFirst("\\.npy$", "_masks.npy")))
            .castTo(DataType.FLOAT);
    long[] shape = images.shape();
    if (shape[1] != 1 || shape[0] < 2) {
      throw new PalimpsestException(
          "%s has the shape %s; two patches of one channel are needed, (n, 1, …)."
              .formatted(patches, Arrays.toString(shape)));
    }
    if (labels.length() != images.length()) {
      throw new PalimpsestException(
          "%s has the shape %s, its labels %s; each value needs a label."
              .formatted(patches, Arrays.toString(shape), Arrays.toString(labels.shape())));
    }
    int[] extents = Arrays.stream(shape).skip(2).mapToInt(Math::toIntExact).toArray();
    List<LabelledImage> all = new ArrayList<>();
    for (int i = 0; i < shape[0]; i++) {
      float[] mask = values(labels.slice(i));
      for (int voxel = 0; voxel < mask.length; voxel++) {
        mask[voxel] = mask[voxel] > 0 ? 1 : 0; // below 0 are places to ignore
      }
      all.add(
          new LabelledImage(Raster.of(values(images.slice(i)), extents), Raster.of(mask, extents)));
    }
    return all;
  }

  private static float[] values(INDArray array) {
    return array.dup('c').ravel().toFloatVector();
  }
}
