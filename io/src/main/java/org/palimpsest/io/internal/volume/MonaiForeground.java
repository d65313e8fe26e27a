package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.PalimpsestException;

/**
 * MONAI's {@code CropForeground}: cut to the box around all voxels above zero, with zeros beyond
 * the volume where the box reaches further.
 *
 * @param channels of these channels; of all if empty
 * @param margin by how many voxels the box is wider on each side, per axis
 * @param withinVolume whether it ends at the volume's own ends nevertheless ({@code allow_smaller})
 * @param divisor what its extents are made divisible by, per axis
 */
public record MonaiForeground(
    List<Integer> channels, List<Integer> margin, boolean withinVolume, List<Integer> divisor)
    implements VolumeStep {

  public MonaiForeground {
    channels = List.copyOf(channels);
    margin = List.copyOf(margin);
    divisor = List.copyOf(divisor);
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    volume.requireCertainZeros("CropForeground");
    requireChannels(volume);
    int[] from = volume.geometry().extentArray();
    int[][] box = box(volume);
    int[] start = new int[Geometry.AXES];
    int[] extents = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      int low = box[axis][0] - margin.get(axis);
      int high = box[axis][1] + margin.get(axis);
      if (withinVolume) {
        low = Math.max(0, low);
        high = Math.min(from[axis], high);
      }
      int by = divisor.get(axis);
      extents[axis] = by > 0 ? (high - low + by - 1) / by * by : high - low;
      start[axis] = low - (extents[axis] - (high - low)) / 2;
    }
    requireSize(volume, extents);
    Patch cut = new Patch(start, extents, java.util.OptionalInt.empty());
    Geometry grid = volume.geometry();
    Geometry to =
        Geometry.of(
            extents,
            grid.spacingArray(),
            grid.affine().from(new double[] {start[0], start[1], start[2]}));
    volume.move(to, voxels -> cut.cut(voxels.get(), grid), labels -> cut.cut(labels, grid));
    ObjectNode done = VolumeStep.record("CropForeground");
    done.set("start", Geometry.numbers(start));
    done.set("extents", Geometry.numbers(extents));
    return done;
  }

  private void requireChannels(VolumeCase volume) {
    for (int channel : channels) {
      if (channel >= volume.channels()) {
        throw new PalimpsestException(
            "CropForeground asks for channel %s ('channel_indices'), counted from 0, where %s has %s."
                .formatted(channel, volume.name(), volume.channels()));
      }
    }
  }

  private void requireSize(VolumeCase volume, int[] extents) {
    if ((double) extents[0] * extents[1] * extents[2] > Integer.MAX_VALUE - 8) {
      throw new PalimpsestException(
          "CropForeground with 'margin' %s and 'k_divisible' %s makes %s voxels of %s, more than 2^31. Take smaller ones."
              .formatted(margin, divisor, Arrays.toString(extents), volume.name()));
    }
  }

  private int[][] box(VolumeCase volume) {
    int[] extents = volume.geometry().extentArray();
    int[][] box = new int[Geometry.AXES][];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      box[axis] = new int[] {Integer.MAX_VALUE, 0};
    }
    for (int channel = 0; channel < volume.channels(); channel++) {
      if (channels.isEmpty() || channels.contains(channel)) {
        widen(box, volume.channel(channel), extents);
      }
    }
    if (box[0][1] == 0) {
      throw new PalimpsestException(
          "%s has no voxel above zero, so that CropForeground leaves nothing of it. Leave it out."
              .formatted(volume.name()));
    }
    return box;
  }

  private static void widen(int[][] box, float[] voxels, int[] extents) {
    for (int i = 0; i < voxels.length; i++) {
      if (voxels[i] > 0) {
        int line = i / extents[2];
        int[] place = {line / extents[1], line % extents[1], i % extents[2]};
        for (int axis = 0; axis < Geometry.AXES; axis++) {
          box[axis][0] = Math.min(box[axis][0], place[axis]);
          box[axis][1] = Math.max(box[axis][1], place[axis] + 1);
        }
      }
    }
  }
}
