package org.palimpsest.io;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.internal.architecture.MonaiPreparation;
import org.palimpsest.io.internal.nnunet.NnUnetPreparation;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.volume.Preparation;
import org.palimpsest.io.volume.VolumeStep;

/** Reads how volumes were prepared in training, to prepare others in the same way. */
public final class Preparations {

  private Preparations() {}

  /**
   * Reads nnU-Net's: resampling, cropping and normalisation of a configuration.
   *
   * @param place plans, a checkpoint, or a results folder of nnU-Net v2
   * @param configuration such as {@code 3d_fullres}; may be empty where the place tells it
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read, or asks for what cannot
   *     be had here
   */
  public static Preparation ofNnUnet(Path place, Optional<String> configuration) {
    return NnUnetPreparation.read(place, configuration);
  }

  /**
   * Reads MONAI's: a list of transforms in a bundle's notation.
   *
   * @param place a JSON or YAML file of transforms, or a bundle
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read, or a transform or an
   *     argument of one is not known here
   */
  public static Preparation ofMonai(Path place) {
    return MonaiPreparation.read(place);
  }

  /** Of single steps, in this order. */
  public static Preparation of(List<VolumeStep> steps) {
    return MonaiPreparation.of(steps);
  }

  /**
   * Whether a network was trained on volumes of mean 0 and deviation 1, as far as its file tells.
   */
  public static boolean standardised(Provenance network) {
    return network.notes().contains(NnUnetReader.TRAINED_ON_Z_SCORES);
  }
}
