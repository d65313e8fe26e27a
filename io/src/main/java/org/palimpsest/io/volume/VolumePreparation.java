package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.internal.architecture.MonaiPreparation;
import org.palimpsest.io.internal.nnunet.NnUnetPreparation;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.internal.volume.MonaiOrientation;
import org.palimpsest.io.internal.volume.MonaiSpacing;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.VolumeCase;
import org.palimpsest.io.internal.volume.VolumeFormat;
import org.palimpsest.io.internal.volume.VolumeStep;

/**
 * All that is done to a case before a network sees it, from its files on. A step or a setting that
 * is not known here is an error that names it, so that probes are what the network was trained on,
 * or there are none.
 *
 * <p>Immutable: each {@code with…} gives a changed copy.
 */
public final class VolumePreparation {

  private final PreparationPlan plan;

  VolumePreparation(PreparationPlan plan) {
    this.plan = plan;
  }

  /**
   * Reads nnU-Net's: resampling, cropping and normalisation of a configuration.
   *
   * @param place plans, a checkpoint, or a results folder of nnU-Net, v2 or v1
   * @param configuration such as {@code 3d_fullres}; may be empty where the place tells it
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read, or asks for what cannot
   *     be had here
   */
  public static VolumePreparation ofNnUnet(Path place, Optional<String> configuration) {
    return new VolumePreparation(NnUnetPreparation.read(place, configuration));
  }

  /**
   * Reads MONAI's: a list of transforms in a bundle's notation.
   *
   * @param place a JSON or YAML file of transforms, or a bundle
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read, or a transform or an
   *     argument of one is not known here
   */
  public static VolumePreparation ofMonai(Path place) {
    return new VolumePreparation(MonaiPreparation.read(place));
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
    return new VolumePreparation(MonaiPreparation.of(steps));
  }

  /**
   * Whether a network was trained on volumes of mean 0 and deviation 1, as far as its file tells.
   */
  public static boolean standardised(Provenance network) {
    return network.notes().contains(NnUnetReader.TRAINED_ON_Z_SCORES);
  }

  /** Where this was read, and of what there, for the record. */
  public ObjectNode origin() {
    return plan.origin();
  }

  /** How many channels the network takes; any if empty. */
  public OptionalInt channels() {
    return plan.channels();
  }

  /**
   * The extents of the patches that the network was trained with, of two axes if it sees slices;
   * empty if they are not known.
   */
  public List<Integer> patchSize() {
    return plan.patchSize();
  }

  /** Groups of labels that patches are centred on; each label by itself if empty. */
  public List<Set<Integer>> foreground() {
    return plan.foreground();
  }

  /** What should be known of it, in whole sentences. */
  public List<String> notes() {
    return plan.notes();
  }

  /** The axis across which slices lie. */
  public int sliceAxis() {
    return plan.sliceAxis();
  }

  /**
   * The labels that the network of the stage before finds, of which the network takes a channel
   * each; empty if there is no such stage.
   */
  public List<Integer> stageBefore() {
    return plan.stageBefore();
  }

  /** Whether the network sees slices, each as a sample of two axes. */
  public boolean isOfSlices() {
    return plan.isOfSlices();
  }

  /** The same for patches of another size. */
  public VolumePreparation withPatchSize(List<Integer> size) {
    return new VolumePreparation(plan.withPatchSize(size));
  }

  /** The same for slices across another axis. */
  public VolumePreparation withSliceAxis(int axis) {
    return new VolumePreparation(plan.withSliceAxis(axis));
  }

  VolumeFormat format() {
    return plan.format();
  }

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
  record Prepared(VolumeCase volume, ObjectNode record, List<String> notes) {}

  /**
   * Reads a case and does all steps.
   *
   * @param listener hears of each step
   * @throws PalimpsestException if a file is damaged, channels are missing or do not fit together,
   *     or a step cannot be done
   */
  Prepared prepare(CaseFiles files, StageListener listener) {
    List<String> said = new ArrayList<>();
    VolumeCase volume = plan.format().read(files.name(), files.images(), files.mask(), said);
    requireChannels(volume, files);
    ObjectNode record = files.record();
    record.put("reader", plan.format().tool());
    record.set("grid", volume.geometry().json());
    ArrayNode done = record.putArray("steps");
    for (VolumeStep step : plan.steps()) {
      ObjectNode told = step.apply(volume);
      requireFinite(volume, told);
      done.add(told);
      listener.after(step, volume);
    }
    said.addAll(volume.notes());
    record.set("prepared", volume.geometry().json());
    return new Prepared(volume, record, said);
  }

  /** Voxels that are read are finite, and a step may leave what float32 can hold. */
  private static void requireFinite(VolumeCase volume, ObjectNode step) {
    for (int channel = 0; channel < volume.channels(); channel++) {
      for (float value : volume.channel(channel)) {
        if (!Float.isFinite(value)) {
          throw new PalimpsestException(
              "%s holds a voxel of %s after the step %s: what it makes is beyond what float32 can hold (3.4e38). Change its numbers, or rescale the volume."
                  .formatted(volume.name(), value, step.path("step").asText()));
        }
      }
    }
  }

  /**
   * How many bytes a case takes before it is resampled: its channels, and one that is being made.
   */
  long leastMemory(CaseFiles files) {
    long channels = 0;
    long voxels = 0;
    for (Path file : files.images()) {
      VolumeFormat.Outline outline = plan.format().outline(file);
      channels += outline.channels();
      voxels = outline.geometry().voxels();
    }
    return (channels + 1) * Float.BYTES * voxels;
  }

  private void requireChannels(VolumeCase volume, CaseFiles files) {
    if (channels().isPresent() && channels().getAsInt() != volume.channels()) {
      String network = plan.origin().path("file").asText("the network");
      String found =
          "%s has %s channel%s in %s, where %s takes %s."
              .formatted(
                  files.name(),
                  volume.channels(),
                  volume.channels() == 1 ? "" : "s",
                  files.images().stream().map(Path::getFileName).toList(),
                  network,
                  channels().getAsInt());
      throw new PalimpsestException(
          volume.channels() < channels().getAsInt()
              ? String.format(
                  Locale.ROOT,
                  "%s Give all files of the case, %s_0000 to %s_%04d.",
                  found,
                  files.name(),
                  files.name(),
                  channels().getAsInt() - 1)
              : "%s It is of another kind than what %s was made for, such as in colour or a series: give images of %s channel%s."
                  .formatted(
                      found,
                      network,
                      channels().getAsInt(),
                      channels().getAsInt() == 1 ? "" : "s"));
    }
  }
}
