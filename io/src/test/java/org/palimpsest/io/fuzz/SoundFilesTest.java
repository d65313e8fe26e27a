package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.image.ImageProbes;
import org.palimpsest.io.image.Preprocessing;

/**
 * Sound but unusual files have the values that they were made with, or are refused where that is
 * right. A few in the test suite; docs/robustness.md says how to read many.
 */
class SoundFilesTest {

  private static final int FEW = 150;
  private static final Set<String> IMAGES = Set.of(".nii", ".nii.gz", ".tiff", ".png");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void soundFilesHaveTheirValues(SoundFiles format) throws IOException {
    String only = System.getProperty("fuzz.format", "");
    if (!only.isEmpty() && !only.equalsIgnoreCase("sound-" + format)) {
      return;
    }
    SplittableRandom random = new SplittableRandom(Long.getLong("fuzz.seed", 1));
    int count = Integer.getInteger("fuzz.mutants", FEW);
    List<String> findings = new ArrayList<>();
    for (int i = 0; i < count && findings.size() < 10; i++) {
      Sample sample = format.make(random);
      Path file = Files.write(folder.resolve("sound" + sample.ending()), sample.bytes());
      findings.addAll(judge(file, sample, i));
    }
    assertThat(findings).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void soundFilesThatAreCutOrGoOnHaveTheirValuesOrAreRefused(SoundFiles format) throws IOException {
    String only = System.getProperty("fuzz.format", "");
    if (!only.isEmpty() && !only.equalsIgnoreCase("cut-" + format)) {
      return;
    }
    SplittableRandom random = new SplittableRandom(Long.getLong("fuzz.seed", 1));
    int count = Integer.getInteger("fuzz.mutants", FEW);
    List<String> findings = new ArrayList<>();
    for (int i = 0; i < count && findings.size() < 10; i++) {
      Sample sound = format.make(random);
      if (sound.isLie()) {
        continue;
      }
      byte[] bytes = CutFiles.change(sound.bytes(), random);
      Path file = Files.write(folder.resolve("cut" + sound.ending()), bytes);
      Sample cut = new Sample(bytes, sound.ending(), sound.tensors(), true);
      findings.addAll(judge(file, cut, i));
    }
    assertThat(findings).isEmpty();
  }

  private static List<String> judge(Path file, Sample sample, int number) {
    List<String> findings = new ArrayList<>();
    try {
      Map<String, Sample.Tensor> right = sample.tensors();
      if (IMAGES.contains(sample.ending())) {
        INDArray image = ImageProbes.open(file, Preprocessing.none()).batch(0, 1);
        compare(image, right.values().iterator().next(), number, findings);
      } else {
        ActivationSet found = Dumps.open(file);
        for (String layer : found.layers()) {
          Sample.Tensor tensor = right.getOrDefault(layer, right.get(""));
          compare(found.get(layer).values(), tensor, number, findings);
        }
        boolean told =
            sample.mayBeRefused()
                && String.join("", found.provenance().notes()).contains("left out");
        if (found.layers().size() != right.size() && !told) {
          findings.add(number + ": layers " + found.layers());
        }
      }
    } catch (PalimpsestException refusal) {
      if (!sample.mayBeRefused()) {
        findings.add(number + ": refused: " + refusal.getMessage());
      }
    }
    return findings;
  }

  private static void compare(
      INDArray found, Sample.Tensor right, int number, List<String> findings) {
    double[] values = new double[Math.toIntExact(found.length())];
    TensorReader.of(found).read(0, values);
    boolean same = values.length == right.values().length;
    boolean single = found.dataType() == DataType.FLOAT;
    for (int i = 0; same && i < values.length; i++) {
      double wanted = right.values()[i];
      double allowed = single ? 2 * Math.ulp((float) Math.abs(wanted)) : 0;
      same = Math.abs(values[i] - wanted) <= allowed;
    }
    if (!same || !Arrays.equals(found.shape(), right.shape())) {
      findings.add(
          "%d: %s is %s of %s instead of %s of %s"
              .formatted(
                  number,
                  "tensor",
                  Arrays.toString(values),
                  Arrays.toString(found.shape()),
                  Arrays.toString(right.values()),
                  Arrays.toString(right.shape())));
    }
  }
}
