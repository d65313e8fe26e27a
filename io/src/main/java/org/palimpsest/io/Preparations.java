package org.palimpsest.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.internal.architecture.MonaiPreparation;
import org.palimpsest.io.internal.nnunet.NnUnetPreparation;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.internal.volume.MonaiOrientation;
import org.palimpsest.io.internal.volume.MonaiSpacing;
import org.palimpsest.io.internal.volume.VolumeStep;
import org.palimpsest.io.volume.VolumePreparation;

/**
 * Reads how volumes were prepared in training, to prepare others in the same way. A step or a
 * setting that is not known here is an error that names it, so that probes are what the network was
 * trained on, or there are none.
 */
public final class Preparations {

  private Preparations() {}

  /**
   * Reads nnU-Net's: resampling, cropping and normalisation of a configuration.
   *
   * @param place plans, a checkpoint, or a results folder of nnU-Net, v2 or v1
   * @param configuration such as {@code 3d_fullres}; may be empty where the place tells it
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read, or asks for what cannot
   *     be had here
   */
  public static VolumePreparation ofNnUnet(Path place, Optional<String> configuration) {
    return NnUnetPreparation.read(place, configuration);
  }

  /**
   * Reads MONAI's: a list of transforms in a bundle's notation.
   *
   * @param place a JSON or YAML file of transforms, or a bundle
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read, or a transform or an
   *     argument of one is not known here
   */
  public static VolumePreparation ofMonai(Path place) {
    return MonaiPreparation.read(place);
  }

  /**
   * Volumes read as MONAI's {@code LoadImage} does, turned by its {@code Orientation} and resampled
   * by its {@code Spacing}, linearly.
   *
   * @param orientation such as {@code RAS}; as it is if empty
   * @param spacing the distance between voxels along each axis, in millimetres; as it is if empty
   * @throws org.palimpsest.core.PalimpsestException if there is no such orientation or spacing
   */
  public static VolumePreparation of(Optional<String> orientation, List<Double> spacing) {
    List<VolumeStep> steps = new ArrayList<>();
    orientation.ifPresent(codes -> steps.add(new MonaiOrientation(codes)));
    if (!spacing.isEmpty()) {
      steps.add(MonaiSpacing.of(spacing));
    }
    return MonaiPreparation.of(steps);
  }

  /**
   * Whether a network was trained on volumes of mean 0 and deviation 1, as far as its file tells.
   */
  public static boolean standardised(Provenance network) {
    return network.notes().contains(NnUnetReader.TRAINED_ON_Z_SCORES);
  }
}
