package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

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
public record PreparationPlan(
    ObjectNode origin,
    VolumeFormat format,
    OptionalInt channels,
    List<VolumeStep> steps,
    List<Integer> patchSize,
    List<Set<Integer>> foreground,
    List<String> notes,
    int sliceAxis,
    List<Integer> stageBefore) {

  public PreparationPlan {
    steps = List.copyOf(steps);
    patchSize = List.copyOf(patchSize);
    foreground = List.copyOf(foreground);
    notes = List.copyOf(notes);
    stageBefore = List.copyOf(stageBefore);
  }

  /** Slices lie across the first axis, and there is no stage before. */
  public PreparationPlan(
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
  public PreparationPlan withPatchSize(List<Integer> size) {
    return new PreparationPlan(
        origin, format, channels, steps, size, foreground, notes, sliceAxis, stageBefore);
  }

  /** The same for slices across another axis. */
  public PreparationPlan withSliceAxis(int axis) {
    return new PreparationPlan(
        origin, format, channels, steps, patchSize, foreground, notes, axis, stageBefore);
  }
}
