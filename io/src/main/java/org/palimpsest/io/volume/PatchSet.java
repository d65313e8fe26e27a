package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.npy.NpyFloats;

/**
 * Makes probes of cases: prepares each, takes patches of it, and writes all of them into one array,
 * samples first, beside a JSON file that tells where each came from and what was done.
 */
public final class PatchSet {

  private static final int MOST_NAMED = 3;

  private static final String MADE_BY = "madeBy";

  /** What Java itself takes of a bound on the whole process. */
  private static final long BESIDE_HEAP = 192L << 20;

  private final Preparation preparation;
  private final PatchRule rule;
  private final Preparation.StageListener listener;
  private final int sideBySide;
  private final Progress progress;

  private PatchSet(
      Preparation preparation,
      PatchRule rule,
      Preparation.StageListener listener,
      int sideBySide,
      Progress progress) {
    this.preparation = preparation;
    this.rule = rule;
    this.listener = listener;
    this.sideBySide = sideBySide;
    this.progress = progress;
  }

  /**
   * @throws PalimpsestException if patches are asked for and nothing tells of what size
   */
  public static PatchSet of(Preparation preparation, PatchRule rule) {
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
    return new PatchSet(preparation, rule, (step, volume) -> {}, 1, Progress.silent());
  }

  /** Also tells how each case is after each step; then cases are prepared one after the other. */
  public PatchSet withListener(Preparation.StageListener hears) {
    return new PatchSet(preparation, rule, hears, 1, progress);
  }

  /** Prepares as many cases at once. */
  public PatchSet withSideBySide(int cases) {
    return new PatchSet(preparation, rule, listener, cases, progress);
  }

  public PatchSet withProgress(Progress hears) {
    return new PatchSet(preparation, rule, listener, sideBySide, hears);
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
      ContactSheet preview) {}

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
   * A patch, cut out.
   *
   * @param labels of its voxels; empty if there is no mask
   * @param repeated whether an earlier one lies at the same place
   */
  private record Sample(Patch patch, float[][] channels, float[] labels, boolean repeated) {}

  /** The patches of a case, in the order in which they are written. */
  private record Cut(
      List<Sample> samples,
      Geometry grid,
      long[] extents,
      int blank,
      ObjectNode record,
      List<String> notes) {

    int repeated() {
      return (int) samples.stream().filter(Sample::repeated).count();
    }

    boolean isMasked() {
      return !samples.isEmpty() && samples.get(0).labels.length > 0;
    }
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
    requireOwnPlaces(cases, array);
    requireNoForeignMasks(array, cases.stream().anyMatch(one -> one.mask().isPresent()));
    int atOnce = atOnce(cases);
    ExecutorService workers = Executors.newFixedThreadPool(atOnce);
    try (Progress.Task task = progress.begin("cases", cases.size());
        Writing writing = new Writing(array)) {
      Deque<Future<Cut>> running = new ArrayDeque<>();
      int next = 0;
      for (int done = 0; done < cases.size(); done++) {
        while (next < cases.size() && running.size() < atOnce) {
          int index = next++;
          running.add(workers.submit(() -> within(cases.get(index), index)));
        }
        writing.add(result(running.remove()));
        task.advance(1);
      }
      return writing.finish();
    } finally {
      workers.shutdownNow();
    }
  }

  private static void requireOwnPlaces(List<CaseFiles> cases, Path array) {
    if (!String.valueOf(array.getFileName()).endsWith(".npy")) {
      throw new PalimpsestException(
          "%s is no name for an array: let it end in .npy.".formatted(array));
    }
    Path record = recordBeside(array);
    Stream.of(array, masksBeside(array), record).forEach(AtomicFile::requireReplaceable);
    if (Files.isRegularFile(record) && !JsonFiles.read(record).path(MADE_BY).isTextual()) {
      throw new PalimpsestException(
          "%s would be overwritten, and is no record of probes. Write to another place than %s."
              .formatted(record, array));
    }
    for (Path written : List.of(array, masksBeside(array), recordBeside(array))) {
      for (CaseFiles one : cases) {
        Stream.concat(one.images().stream(), one.mask().stream())
            .filter(read -> isSame(read, written))
            .forEach(
                read -> {
                  throw new PalimpsestException(
                      "%s would be overwritten, and is read. Write to another place than %s."
                          .formatted(read, array));
                });
      }
    }
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException failure) {
      throw InputFiles.unreadable(one, failure);
    }
  }

  private static void requireNoForeignMasks(Path array, boolean masked) {
    Path masks = masksBeside(array);
    Path record = recordBeside(array);
    boolean known =
        Files.isRegularFile(record)
            && JsonFiles.read(record)
                .path("masks")
                .asText()
                .equals(String.valueOf(masks.getFileName()));
    if (Files.exists(masks) && !known) {
      throw new PalimpsestException(
          (masked
                  ? "%s would be overwritten, and no earlier run made it for %s. Move it, or write to another place."
                  : "%s would be taken for the labels of %s, which has none. Move it, or write to another place.")
              .formatted(masks, array));
    }
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
   * @param heap what may suffice
   */
  private static String tooLarge(String name, long heap) {
    return "%s does not fit into the %d MB of Java's heap. Give it --max-memory %dM or java -Xmx%dm, or more where it is resampled to many more voxels."
        .formatted(
            name, Runtime.getRuntime().maxMemory() >> 20, (heap + BESIDE_HEAP) >> 20, heap >> 20);
  }

  private static Cut result(Future<Cut> running) {
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
    return preparation.isOfSlices()
        ? new int[] {1, size.get(0), size.get(1)}
        : size.stream().mapToInt(Integer::intValue).toArray();
  }

  private Cut within(CaseFiles files, int index) {
    try {
      return cut(files, index);
    } catch (OutOfMemoryError large) { // named as the cause it would be told in this one's place
      long heap = Runtime.getRuntime().maxMemory();
      throw new PalimpsestException(
          tooLarge(files.name(), 2 * Math.max(heap, preparation.leastMemory(files))));
    }
  }

  private Cut cut(CaseFiles files, int index) {
    Preparation.Prepared prepared = preparation.prepare(files, listener);
    VolumeCase volume = prepared.volume();
    PatchRule.PatchChoice choice =
        new PatchRule.PatchChoice(rule, extents(), preparation.foreground());
    choice.requireRoom(volume);
    List<Patch> patches = choice.of(volume, index);
    List<String> notes = new ArrayList<>(prepared.notes());
    notePatches(volume, patches, choice, notes);
    Set<List<Integer>> seen = new HashSet<>();
    List<Sample> samples = new ArrayList<>();
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
    return new Cut(samples, volume.geometry(), extents, blank, prepared.record(), notes);
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
          "%s has the extents %s and patches %s: zeros stand around it, as nnU-Net puts them"
              .formatted(volume.name(), whole, Arrays.toString(extents)));
    }
    boolean drawn =
        rule.kind() == PatchRule.Kind.RANDOM || rule.kind() == PatchRule.Kind.FOREGROUND;
    if (drawn && patches.size() < rule.drawn()) {
      notes.add(
          "%s has %d patches, where %d are asked for: there are no more places where one can be drawn"
              .formatted(volume.name(), patches.size(), rule.drawn()));
    }
  }

  private long[] sampleExtents(VolumeCase volume, Patch patch) {
    int[] axes = patch.extents();
    boolean slice = rule.kind() != PatchRule.Kind.WHOLE && preparation.isOfSlices();
    return slice
        ? new long[] {volume.channels(), axes[1], axes[2]}
        : new long[] {volume.channels(), axes[0], axes[1], axes[2]};
  }

  /** Cut out; the channels of a whole case are those of the case, which are not copied. */
  private Sample sample(VolumeCase volume, Patch patch, boolean repeated) {
    float[][] channels = new float[volume.channels()][];
    for (int channel = 0; channel < channels.length; channel++) {
      float[] voxels = volume.channel(channel);
      channels[channel] =
          rule.kind() == PatchRule.Kind.WHOLE ? voxels : patch.cut(voxels, volume.geometry());
    }
    float[] labels =
        volume.labels().map(all -> patch.labels(all, volume.geometry())).orElse(new float[0]);
    return new Sample(patch, channels, labels, repeated);
  }

  /** Files that grow while cases are prepared. */
  private final class Writing implements AutoCloseable {

    private final Path array;
    private @Nullable NpyFloats samples;
    private @Nullable NpyFloats labels;
    private long[] extents = {};
    private String first = "";
    private int blank;
    private int repeated;
    private final List<String> crowded = new ArrayList<>();
    private int count;
    private final ArrayNode places = JsonNodeFactory.instance.arrayNode();
    private final ArrayNode cases = JsonNodeFactory.instance.arrayNode();
    private final List<String> notes = new ArrayList<>(preparation.notes());
    private final ContactSheet preview = new ContactSheet();

    Writing(Path array) {
      this.array = array;
    }

    void add(Cut cut) {
      String name = cut.record().path("name").asText();
      cases.add(cut.record());
      notes.addAll(cut.notes());
      blank += cut.blank();
      repeated += cut.repeated();
      if (cut.repeated() > 0) {
        crowded.add("%s %d of %d".formatted(name, cut.repeated(), cut.samples().size()));
      }
      if (cut.samples().isEmpty()) {
        return;
      }
      NpyFloats open = begin(cut, name);
      for (Sample sample : cut.samples()) {
        for (float[] channel : sample.channels()) {
          open.append(channel);
        }
        if (labels != null) {
          labels.append(sample.labels());
        }
        ObjectNode place = sample.patch().json(name, cut.grid());
        places.add(sample.repeated() ? place.put("repeated", true) : place);
        preview.add(name, sample.channels(), sample.labels(), sample.patch(), cut.grid());
        count++;
      }
    }

    private NpyFloats begin(Cut cut, String name) {
      if (samples == null) {
        extents = cut.extents();
        first = name;
        samples = NpyFloats.create(array, extents);
        if (cut.isMasked()) {
          labels =
              NpyFloats.create(masksBeside(array), Arrays.copyOfRange(extents, 1, extents.length));
        }
      }
      if (!Arrays.equals(extents, cut.extents())) {
        throw new PalimpsestException(
            "%s comes out in the shape %s and %s in %s. Take patches of one size (--patches, --patch-size), or one case at a time."
                .formatted(first, Arrays.toString(extents), name, Arrays.toString(cut.extents())));
      }
      return Objects.requireNonNull(samples);
    }

    Made finish() {
      if (samples == null) {
        throw new PalimpsestException(
            "All %d patches are blank, so that none is left. Choose others, or keep blank ones."
                .formatted(blank));
      }
      if (blank > 0) {
        notes.add(
            "%d of %d patches are blank%s"
                .formatted(
                    blank,
                    rule.withoutBlank() ? count + blank : count,
                    rule.withoutBlank() ? " and left out" : ""));
      }
      noteCrowded();
      removeOutdated();
      long[] shape = samples.finish();
      Optional<long[]> masks = Optional.ofNullable(labels).map(NpyFloats::finish);
      AtomicFile.write(recordBeside(array), record(shape, masks).toPrettyString() + "\n");
      return new Made(shape, masks, blank, repeated, List.copyOf(notes), preview);
    }

    /** One line, however many cases have fewer places than patches. */
    private void noteCrowded() {
      if (crowded.isEmpty()) {
        return;
      }
      int more = crowded.size() - MOST_NAMED;
      String named = String.join(", ", crowded.subList(0, Math.min(MOST_NAMED, crowded.size())));
      notes.add(
          "%d of %d patches repeat others of their case, where no more different places were found: %s%s; give a smaller --count or --patch-size"
              .formatted(
                  repeated, count, named, more > 0 ? " and %d more cases".formatted(more) : ""));
    }

    /** So that a process that is killed in between leaves no record or labels of other samples. */
    private void removeOutdated() {
      try {
        Files.deleteIfExists(recordBeside(array));
        Files.deleteIfExists(masksBeside(array));
      } catch (IOException failure) {
        throw AtomicFile.unwritable(array, failure);
      }
    }

    private ObjectNode record(long[] shape, Optional<long[]> masks) {
      ObjectNode node =
          JsonNodeFactory.instance
              .objectNode()
              .put("array", String.valueOf(array.getFileName()))
              .put(MADE_BY, "palimpsest " + Version.current());
      ArrayNode axes = node.putArray("shape");
      Arrays.stream(shape).forEach(axes::add);
      masks.ifPresent(there -> node.put("masks", String.valueOf(masksBeside(array).getFileName())));
      node.set("preparation", preparation.origin());
      node.set("patches", rule.json());
      node.put("blank", blank);
      node.put("repeated", repeated);
      ArrayNode said = node.putArray("notes");
      notes.forEach(said::add);
      node.set("cases", cases);
      node.set("samples", places);
      return node;
    }

    @Override
    public void close() {
      if (samples != null) {
        samples.close();
      }
      if (labels != null) {
        labels.close();
      }
    }
  }
}
