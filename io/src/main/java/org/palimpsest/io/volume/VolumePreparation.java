package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.volume.VolumeCase;
import org.palimpsest.io.internal.volume.VolumeFormat;
import org.palimpsest.io.internal.volume.VolumeStep;

/**
 * All that is done to a case before a network sees it, from its files on.
 *
 * @param origin where this was read, and of what there, for the record
 * @param format how its images are read
 * @param channels how many channels the network takes; any if empty
 * @param steps what is done, in order
 * @param patchSize the extents of the patches that the network was trained with, if known; of two
 *     axes if it sees slices
 * @param foreground groups of labels that patches are centred on; each label by itself if empty
 * @param notes what should be known
 * @param sliceAxis the axis across which slices lie
 * @param stageBefore the labels that the network of the stage before finds, of which the network
 *     takes a channel each; empty if there is no such stage
 */
public record VolumePreparation(
    ObjectNode origin,
    VolumeFormat format,
    OptionalInt channels,
    List<VolumeStep> steps,
    List<Integer> patchSize,
    List<Set<Integer>> foreground,
    List<String> notes,
    int sliceAxis,
    List<Integer> stageBefore) {

  /** Hears of a case as it is after a step. */
  @FunctionalInterface
  interface StageListener {
    void after(VolumeStep step, VolumeCase volume);
  }

  /**
   * A case as it comes out.
   *
   * @param record the files, their grid, each step with its parameters, and the grid thereafter
   */
  public record Prepared(VolumeCase volume, ObjectNode record, List<String> notes) {}

  public VolumePreparation {
    steps = List.copyOf(steps);
    patchSize = List.copyOf(patchSize);
    foreground = List.copyOf(foreground);
    notes = List.copyOf(notes);
    stageBefore = List.copyOf(stageBefore);
  }

  /** Slices lie across the first axis, and there is no stage before. */
  public VolumePreparation(
      ObjectNode origin,
      VolumeFormat format,
      OptionalInt channels,
      List<VolumeStep> steps,
      List<Integer> patchSize,
      List<Set<Integer>> foreground,
      List<String> notes) {
    this(origin, format, channels, steps, patchSize, foreground, notes, 0, List.of());
  }

  /** Whether the network sees slices, each as a sample of two axes. */
  public boolean isOfSlices() {
    return patchSize.size() == 2;
  }

  /** The same for patches of another size. */
  public VolumePreparation withPatchSize(List<Integer> size) {
    return new VolumePreparation(
        origin, format, channels, steps, size, foreground, notes, sliceAxis, stageBefore);
  }

  /** The same for slices across another axis. */
  public VolumePreparation withSliceAxis(int axis) {
    return new VolumePreparation(
        origin, format, channels, steps, patchSize, foreground, notes, axis, stageBefore);
  }

  /**
   * Reads a case and does all steps.
   *
   * @throws PalimpsestException if a file is damaged, channels are missing or do not fit together,
   *     or a step cannot be done
   */
  public Prepared prepare(CaseFiles files) {
    return prepare(files, (step, volume) -> {});
  }

  /** The same, with a listener that hears of each step. */
  Prepared prepare(CaseFiles files, StageListener listener) {
    List<String> said = new ArrayList<>();
    VolumeCase volume = format.read(files.name(), files.images(), files.mask(), said);
    requireChannels(volume, files);
    ObjectNode record = files.record();
    record.put("reader", format.tool());
    record.set("grid", volume.geometry().json());
    ArrayNode done = record.putArray("steps");
    for (VolumeStep step : steps) {
      done.add(step.apply(volume));
      listener.after(step, volume);
    }
    said.addAll(volume.notes());
    record.set("prepared", volume.geometry().json());
    return new Prepared(volume, record, said);
  }

  /**
   * How many bytes a case takes before it is resampled: its channels, and one that is being made.
   */
  long leastMemory(CaseFiles files) {
    long channels = 0;
    long voxels = 0;
    for (Path file : files.images()) {
      VolumeFormat.Outline outline = format.outline(file);
      channels += outline.channels();
      voxels = outline.geometry().voxels();
    }
    return (channels + 1) * Float.BYTES * voxels;
  }

  private void requireChannels(VolumeCase volume, CaseFiles files) {
    if (channels.isPresent() && channels.getAsInt() != volume.channels()) {
      String network = origin.path("file").asText("the network");
      String found =
          "%s has %d channel%s in %s, where %s takes %d."
              .formatted(
                  files.name(),
                  volume.channels(),
                  volume.channels() == 1 ? "" : "s",
                  files.images().stream().map(Path::getFileName).toList(),
                  network,
                  channels.getAsInt());
      throw new PalimpsestException(
          volume.channels() < channels.getAsInt()
              ? "%s Give all files of the case, %s_0000 to %s_%04d."
                  .formatted(found, files.name(), files.name(), channels.getAsInt() - 1)
              : "%s It is of another kind than what %s was made for, such as in colour or a series: give images of %d channel%s."
                  .formatted(
                      found, network, channels.getAsInt(), channels.getAsInt() == 1 ? "" : "s"));
    }
  }
}
