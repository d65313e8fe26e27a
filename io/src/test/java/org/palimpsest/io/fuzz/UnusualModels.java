package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Kinds of models that are made sound but unusual, together with what they compute. */
enum UnusualModels {
  TORCHSCRIPT_UNUSUAL("torchscript-unusual", UnusualScripts::finding),
  ONNX_UNUSUAL("onnx-unusual", UnusualOnnx::finding),
  MONAI_SETTINGS("monai-settings", (seed, folder) -> UnusualDescriptions.finding("monai", seed)),
  TORCHVISION_SETTINGS(
      "torchvision-settings", (seed, folder) -> UnusualDescriptions.finding("torchvision", seed)),
  SMP_SETTINGS(
      "smp-settings",
      (seed, folder) -> UnusualDescriptions.finding("segmentation_models_pytorch", seed)),
  OWN_SETTINGS("own-settings", (seed, folder) -> UnusualDescriptions.finding("own", seed)),
  NNUNET_SETTINGS("nnunet-settings", UnusualNnUnets::finding),
  MONAI_BUNDLES("monai-bundles", UnusualBundles::finding),
  TORCH_PARAMETRISED("torch-parametrised", UnusualParametrisations::finding),
  SWOLLEN_NAMES("swollen-names", SwollenNames::finding),
  KERAS_TREES("keras-trees", UnusualKerasTrees::finding),
  TRAPPED_STUDIES("trapped-studies", TrappedStudies::finding),
  VOLUME_HEADERS("volume-headers", UnusualVolumes::finding),
  VOLUME_SETTINGS("volume-settings", UnusualPreparations::finding);

  /** Reads the model of a seed, and says what is wrong, or nothing. */
  private interface Reading {
    String finding(long seed, Path folder) throws IOException;
  }

  private static final int MOST_FINDINGS = 20;

  private final String format;
  private final Reading reading;

  UnusualModels(String format, Reading reading) {
    this.format = format;
    this.reading = reading;
  }

  String format() {
    return format;
  }

  /** What is wrong with the models of this seed and those that follow, at most twenty findings. */
  List<String> findings(int models, long seed, Path folder) throws IOException {
    List<String> findings = new ArrayList<>();
    for (long i = seed * models; i < (seed + 1) * models && findings.size() < MOST_FINDINGS; i++) {
      String finding = reading.finding(i, folder);
      if (!finding.isEmpty()) {
        findings.add("%s of seed %d: %s".formatted(format, i, finding));
      }
    }
    return findings;
  }
}
