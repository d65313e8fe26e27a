package org.palimpsest.io.volume;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.internal.npy.NpyFloats;
import org.palimpsest.io.internal.volume.Geometry;
import org.palimpsest.io.internal.volume.NonzeroCrop;
import org.palimpsest.io.internal.volume.Normalising;
import org.palimpsest.io.internal.volume.NormalisingOfVersion1;
import org.palimpsest.io.internal.volume.Patch;
import org.palimpsest.io.internal.volume.VolumeCase;
import org.palimpsest.io.internal.volume.VolumeStep;

/**
 * Makes probes of cases: prepares each, takes patches of it, and writes all of them into one array,
 * samples first, beside a JSON file that tells where each came from and what was done.
 *
 * <p>The array is float32 of the shape {@code (n, channels, d, h, w)}, or {@code (n, channels, h,
 * w)} for a network that sees slices. If there are masks, the labels of the same voxels are written
 * beside it, of the same shape without channels.
 *
 * <pre>{@code
 * VolumePreparation preparation = VolumePreparation.ofNnUnet(plans, Optional.of("3d_fullres"));
 * List<CaseFiles> cases = CaseFiles.group(List.of(folder), preparation.channels());
 * PatchSet.of(preparation, rule).write(cases, Path.of("probes.npy"));
 * Probes probes = NpyProbes.open(Path.of("probes.npy"));
 * }</pre>
 *
 * <p>Cases are prepared one by one, or several side by side, and what is drawn of each depends on
 * the seed and on the place of the case in the list alone. Memory: about twice what a case takes
 * after its preparation, for each that is prepared at once.
 */
public final class PatchSet {

  /** What Java itself takes of a bound on the whole process. */
  private static final long BESIDE_HEAP = 192L << 20;

  private final VolumePreparation preparation;
  private final PatchRule rule;
  private final VolumePreparation.StageListener listener;
  private final boolean afterStage;
  private final int sideBySide;
  private final Progress progress;

  private PatchSet(
      VolumePreparation preparation,
      PatchRule rule,
      VolumePreparation.StageListener listener,
      boolean afterStage,
      int sideBySide,
      Progress progress) {
    this.preparation = preparation;
    this.rule = rule;
    this.listener = listener;
    this.afterStage = afterStage;
    this.sideBySide = sideBySide;
    this.progress = progress;
  }

  /**
   * @throws PalimpsestException if patches are asked for and nothing tells of what size
   */
  public static PatchSet of(VolumePreparation preparation, PatchRule rule) {
    if (rule.kind() != PatchRule.Kind.WHOLE && preparation.patchSize().isEmpty()) {
      throw new PalimpsestException(
          "Nothing tells the size of patches: give --patch-size, or --whole for whole cases.");
    }
    double voxels = 1;
    for (int extent : preparation.patchSize()) {
      voxels *= extent;
    }
    if (voxels > Integer.MAX_VALUE - 8) {
      throw new PalimpsestException(
          "Patches of %s have more voxels than 2^31. Take smaller ones (--patch-size), or whole cases (--whole)."
              .formatted(preparation.patchSize()));
    }
    return new PatchSet(preparation, rule, (step, volume) -> {}, false, 1, Progress.silent());
  }

  /**
   * Also writes how each case is between nnU-Net's steps: {@code after_crop.npy}, {@code
   * nonzero_mask.npy} and {@code after_normalisation.npy}. Then cases are prepared one after the
   * other.
   *
   * @param folder where these go; it is made when the first does
   */
  public PatchSet withStages(Path folder) {
    return new PatchSet(preparation, rule, new StageFiles(folder), afterStage, 1, progress);
  }

  /**
   * Takes the masks of cases for what the network of the stage before found, and appends a channel
   * for each of its labels, 1 where it is and 0 elsewhere, as nnU-Net's cascade does. No labels are
   * written then.
   *
   * @throws PalimpsestException if the network has no stage before
   */
  public PatchSet withStageBefore() {
    if (preparation.stageBefore().isEmpty()) {
      throw new PalimpsestException(
          "The network of %s takes nothing of a stage before; the second of nnU-Net v2's cascade does (3d_cascade_fullres)."
              .formatted(preparation.origin().path("file").asText("these images")));
    }
    return new PatchSet(preparation, rule, listener, true, sideBySide, progress);
  }

  /** The files that {@link #withStages} may write. */
  public static List<Path> stagesIn(Path folder) {
    return StageFiles.possible(folder);
  }

  /** Prepares as many cases at once. */
  public PatchSet withSideBySide(int cases) {
    return new PatchSet(preparation, rule, listener, afterStage, cases, progress);
  }

  public PatchSet withProgress(Progress hears) {
    return new PatchSet(preparation, rule, listener, afterStage, sideBySide, hears);
  }

  /**
   * What was made.
   *
   * @param shape of the array, samples first
   * @param masksShape of the labels, the same without channels, if there are masks
   * @param blank how many patches had one value everywhere in every channel
   * @param repeated how many samples are equal to an earlier one, since a case has no more places
   * @param notes what should be known
   * @param preview some of the patches as a picture
   */
  public record Made(
      long[] shape,
      Optional<long[]> masksShape,
      int blank,
      int repeated,
      List<String> notes,
      Preview preview) {}

  /** Some of the patches as a picture: slices through their middles, with the borders of labels. */
  public interface Preview {

    /** Writes it as a PNG image. */
    void write(Path file);
  }

  /** Where labels go if an array is written to this file. */
  public static Path masksBeside(Path array) {
    return beside(array, "_masks.npy");
  }

  /** Where it is told what an array holds. */
  public static Path recordBeside(Path array) {
    return beside(array, ".json");
  }

  private static Path beside(Path array, String ending) {
    String name = String.valueOf(array.getFileName());
    String stem = name.endsWith(".npy") ? name.substring(0, name.length() - 4) : name;
    return array.resolveSibling(stem + ending);
  }

  /**
   * Makes the probes.
   *
   * <p>Labels that an earlier run left beside the array are removed if there are none now.
   *
   * @throws PalimpsestException if a case cannot be prepared, samples come out in different shapes,
   *     or none is left; then no file is written. Also if the array is not called {@code .npy}, one
   *     of the files that are written is one that is read, or labels lie beside it that no earlier
   *     run made
   */
  public Made write(List<CaseFiles> cases, Path array) {
    PatchFiles.requireOwnPlaces(cases, array);
    boolean masked = !afterStage && cases.stream().anyMatch(one -> one.mask().isPresent());
    PatchFiles.requireNoForeignMasks(array, masked);
    int atOnce = atOnce(cases);
    ExecutorService workers = Executors.newFixedThreadPool(atOnce);
    try (Progress.Task task = progress.begin("cases", cases.size());
        PatchFiles files = new PatchFiles(array, preparation, rule, notes())) {
      Deque<Future<PatchFiles.Cut>> running = new ArrayDeque<>();
      int next = 0;
      for (int done = 0; done < cases.size(); done++) {
        while (next < cases.size() && running.size() < atOnce) {
          int index = next++;
          running.add(workers.submit(() -> within(cases.get(index), index)));
        }
        files.add(result(running.remove()));
        task.advance(1);
      }
      return files.finish();
    } finally {
      workers.shutdownNow();
    }
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>(preparation.notes());
    if (afterStage) {
      notes.add(
          "the last %s channels are what the stage before found, of the labels %s"
              .formatted(preparation.stageBefore().size(), preparation.stageBefore()));
    } else if (!preparation.stageBefore().isEmpty()) {
      notes.add(
          "the network also takes what that of the stage before found, a channel for each of the labels %s: give its segmentations as --previous"
              .formatted(preparation.stageBefore()));
    }
    if (rule.kind() != PatchRule.Kind.WHOLE
        && preparation.isOfSlices()
        && preparation.format().isMonai()) {
      int axis = preparation.sliceAxis();
      notes.add(
          "patches of two axes are slices across %s, axis %s of the prepared volume"
              .formatted("xyz".charAt(axis), axis));
    }
    return notes;
  }

  /** As many as fit into memory, of which a case needs its channels and one more, at least. */
  private int atOnce(List<CaseFiles> cases) {
    long room = Runtime.getRuntime().maxMemory();
    int atOnce = Math.min(sideBySide, cases.size());
    for (CaseFiles one : cases) {
      long needed = preparation.leastMemory(one);
      if (needed > room) {
        throw new PalimpsestException(tooLarge(one.name(), 2 * needed));
      }
      atOnce = (int) Math.max(1, Math.min(atOnce, room / Math.max(1, 2 * needed)));
    }
    return atOnce;
  }

  /**
   * @param heap what may suffice: twice of what did not, or of what its channels take at first
   */
  private static String tooLarge(String name, long heap) {
    return "%s does not fit into the %s MB of Java's heap. How much it takes hangs on its crop and its new grid, so that this is a guess: try --max-memory %sM or java -Xmx%sm."
        .formatted(
            name, Runtime.getRuntime().maxMemory() >> 20, (heap + BESIDE_HEAP) >> 20, heap >> 20);
  }

  private static PatchFiles.Cut result(Future<PatchFiles.Cut> running) {
    try {
      return running.get();
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof RuntimeException known) {
        throw known;
      }
      if (failure.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new PalimpsestException("Interrupted.", stopped);
    }
  }

  private int[] extents() {
    List<Integer> size = preparation.patchSize();
    if (size.isEmpty()) {
      return new int[Geometry.AXES];
    }
    List<Integer> axes = new ArrayList<>(size);
    if (preparation.isOfSlices()) {
      axes.add(preparation.sliceAxis(), 1);
    }
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  private PatchFiles.Cut within(CaseFiles files, int index) {
    try {
      return cut(files, index);
    } catch (OutOfMemoryError large) { // named as the cause it would be told in this one's place
      long heap = Runtime.getRuntime().maxMemory();
      throw new PalimpsestException(
          tooLarge(files.name(), 2 * Math.max(heap, preparation.leastMemory(files))));
    }
  }

  private PatchFiles.Cut cut(CaseFiles files, int index) {
    VolumePreparation.Prepared prepared = preparation.prepare(files, listener);
    VolumeCase volume = prepared.volume();
    PatchRule.PatchChoice choice =
        new PatchRule.PatchChoice(rule, extents(), preparation.foreground());
    choice.requireRoom(volume, channels(volume));
    List<Patch> patches = choice.of(volume, index);
    List<String> notes = new ArrayList<>(prepared.notes());
    notePatches(volume, patches, choice, notes);
    Set<List<Integer>> seen = new HashSet<>();
    List<PatchFiles.Sample> samples = new ArrayList<>();
    int blank = 0;
    long[] extents = {};
    for (Patch patch : patches) {
      boolean isBlank = patch.isBlank(volume);
      blank += isBlank ? 1 : 0;
      extents = sampleExtents(volume, patch);
      if (!(isBlank && rule.withoutBlank())) {
        samples.add(sample(volume, patch, !seen.add(patch.place())));
      }
    }
    return new PatchFiles.Cut(samples, volume.geometry(), extents, blank, prepared.record(), notes);
  }

  /** What a small volume, or a mask without foreground, means for patches. */
  private void notePatches(
      VolumeCase volume, List<Patch> patches, PatchRule.PatchChoice choice, List<String> notes) {
    if (rule.kind() == PatchRule.Kind.FOREGROUND
        && volume.labels().isPresent()
        && !choice.hasForeground(volume)) {
      notes.add(
          "the mask of %s holds no foreground: its patches are drawn anywhere"
              .formatted(volume.name()));
    }
    List<Integer> whole = volume.geometry().extents();
    int[] extents = patches.get(0).extents();
    if (IntStream.range(0, extents.length).anyMatch(axis -> extents[axis] > whole.get(axis))) {
      notes.add(
          "%s has the extents %s and patches %s: zeros stand around it%s"
              .formatted(
                  volume.name(),
                  whole,
                  Arrays.toString(extents),
                  preparation.format().isMonai() ? "" : ", as nnU-Net puts them"));
    }
    boolean drawn =
        rule.kind() == PatchRule.Kind.RANDOM || rule.kind() == PatchRule.Kind.FOREGROUND;
    if (drawn && patches.size() < rule.drawn()) {
      notes.add(
          "%s has %s patches, where %s are asked for: there are no more places where one can be drawn"
              .formatted(volume.name(), patches.size(), rule.drawn()));
    }
  }

  private long[] sampleExtents(VolumeCase volume, Patch patch) {
    boolean slice = rule.kind() != PatchRule.Kind.WHOLE && preparation.isOfSlices();
    LongStream axes =
        IntStream.range(0, Geometry.AXES)
            .filter(axis -> !slice || axis != preparation.sliceAxis())
            .mapToLong(axis -> patch.extents()[axis]);
    return LongStream.concat(LongStream.of(channels(volume)), axes).toArray();
  }

  private int channels(VolumeCase volume) {
    return volume.channels() + (afterStage ? preparation.stageBefore().size() : 0);
  }

  /** Cut out; the channels of a whole case are those of the case, which are not copied. */
  private PatchFiles.Sample sample(VolumeCase volume, Patch patch, boolean repeated) {
    float[][] channels = new float[channels(volume)][];
    for (int channel = 0; channel < volume.channels(); channel++) {
      float[] voxels = volume.channel(channel);
      channels[channel] =
          rule.kind() == PatchRule.Kind.WHOLE ? voxels : patch.cut(voxels, volume.geometry());
    }
    float[] labels =
        volume.labels().map(all -> patch.labels(all, volume.geometry())).orElse(new float[0]);
    for (int found = volume.channels(); found < channels.length; found++) {
      int label = preparation.stageBefore().get(found - volume.channels());
      channels[found] = indicator(labels, label);
    }
    return new PatchFiles.Sample(patch, channels, afterStage ? new float[0] : labels, repeated);
  }

  private static float[] indicator(float[] labels, int label) {
    float[] there = new float[labels.length];
    for (int i = 0; i < there.length; i++) {
      there[i] = labels[i] == label ? 1 : 0;
    }
    return there;
  }

  /**
   * Writes how a case is between nnU-Net's steps: {@code after_crop.npy} and {@code
   * nonzero_mask.npy}, {@code after_normalisation.npy}.
   */
  private static final class StageFiles implements VolumePreparation.StageListener {

    private static final String CROPPED = "after_crop";
    private static final String MASK = "nonzero_mask";
    private static final String NORMALISED = "after_normalisation";

    private final Path folder;

    /**
     * @param folder where they go; it is made when the first does
     */
    StageFiles(Path folder) {
      this.folder = folder;
    }

    /** The files that may be written to a folder. */
    static List<Path> possible(Path folder) {
      return Stream.of(CROPPED, MASK, NORMALISED).map(name -> file(folder, name)).toList();
    }

    @Override
    public void after(VolumeStep step, VolumeCase volume) {
      if (step instanceof NonzeroCrop) {
        write(CROPPED, volume);
        volume.inside().ifPresent(inside -> writeMask(inside, volume.geometry()));
      } else if (step instanceof Normalising || step instanceof NormalisingOfVersion1) {
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
}
