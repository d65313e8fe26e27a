package org.palimpsest.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.architecture.MonaiPreparation;
import org.palimpsest.io.internal.nnunet.NnUnetPreparation;
import org.palimpsest.io.internal.volume.MonaiOrientation;
import org.palimpsest.io.internal.volume.MonaiSpacing;
import org.palimpsest.io.internal.volume.VolumeStep;
import org.palimpsest.io.volume.VolumePreparation;

/** Reads how volumes are prepared for a network. */
public final class VolumePreparations {

  private VolumePreparations() {}

  /**
   * The preparation of an nnU-Net network.
   *
   * @param place a checkpoint, a results folder, or {@code plans.json}, beside which {@code
   *     dataset.json} may lie
   * @param configuration such as {@code 3d_fullres}; may be left out where there is one alone, or a
   *     checkpoint tells it
   * @throws org.palimpsest.core.PalimpsestException if it is none of these, or asks for what is not
   *     done here, which is named
   */
  public static VolumePreparation ofNnUnet(Path place, Optional<String> configuration) {
    return NnUnetPreparation.read(place, configuration);
  }

  /**
   * MONAI's transforms.
   *
   * @param place a JSON file with a list of them, or a bundle
   * @throws org.palimpsest.core.PalimpsestException if there is none, MONAI itself refuses it, or a
   *     transform or an argument is not known here, which is named
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
}
