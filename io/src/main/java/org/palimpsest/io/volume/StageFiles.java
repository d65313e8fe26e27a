package org.palimpsest.io.volume;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.io.npy.NpyFloats;

/**
 * Writes how a case is between nnU-Net's steps: {@code after_crop.npy} and {@code
 * nonzero_mask.npy}, {@code after_normalisation.npy}.
 */
public final class StageFiles implements Preparation.StageListener {

  private static final String CROPPED = "after_crop";
  private static final String MASK = "nonzero_mask";
  private static final String NORMALISED = "after_normalisation";

  private final Path folder;

  private StageFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * @param folder where they go; it is made when the first does
   */
  public static StageFiles in(Path folder) {
    return new StageFiles(folder);
  }

  /** The files that may be written to a folder. */
  public static List<Path> possible(Path folder) {
    return Stream.of(CROPPED, MASK, NORMALISED).map(name -> file(folder, name)).toList();
  }

  @Override
  public void after(VolumeStep step, VolumeCase volume) {
    if (step instanceof NonzeroCrop) {
      write(CROPPED, volume);
      volume.inside().ifPresent(inside -> writeMask(inside, volume.geometry()));
    } else if (step instanceof Normalising) {
      write(NORMALISED, volume);
    }
  }

  private void write(String name, VolumeCase volume) {
    try (NpyFloats array = create(name, volume.geometry())) {
      for (int channel = 0; channel < volume.channels(); channel++) {
        array.append(volume.channel(channel));
      }
      array.finish();
    }
  }

  private void writeMask(BitSet inside, Geometry grid) {
    try (NpyFloats array = create(MASK, grid)) {
      float[] plane = new float[grid.extent(1) * grid.extent(2)];
      for (int first = 0; first < grid.extent(0); first++) {
        for (int i = 0; i < plane.length; i++) {
          plane[i] = inside.get(first * plane.length + i) ? 1 : 0;
        }
        array.append(plane);
      }
      array.finish();
    }
  }

  private NpyFloats create(String name, Geometry grid) {
    return NpyFloats.create(file(folder, name), grid.extent(0), grid.extent(1), grid.extent(2));
  }

  private static Path file(Path folder, String name) {
    return folder.resolve(name + ".npy");
  }
}
