package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.internal.npy.NpyFloats;
import org.palimpsest.io.internal.volume.Geometry;
import org.palimpsest.io.internal.volume.Patch;

/** The array of patches with its labels and its record, which grow while cases are prepared. */
final class PatchFiles implements AutoCloseable {

  private static final int MOST_NAMED = 3;
  private static final String MADE_BY = "madeBy";

  /**
   * A patch, cut out.
   *
   * @param labels of its voxels; empty if there is no mask
   * @param repeated whether an earlier one lies at the same place
   */
  record Sample(Patch patch, float[][] channels, float[] labels, boolean repeated) {}

  /** The patches of a case, in the order in which they are written. */
  record Cut(
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
  private final VolumePreparation preparation;
  private final PatchRule rule;
  private final List<String> notes;
  private final ContactSheet preview = new ContactSheet();

  PatchFiles(Path array, VolumePreparation preparation, PatchRule rule, List<String> notes) {
    this.array = array;
    this.preparation = preparation;
    this.rule = rule;
    this.notes = new ArrayList<>(notes);
  }

  void add(Cut cut) {
    String name = cut.record().path("name").asText();
    cases.add(cut.record());
    notes.addAll(cut.notes());
    blank += cut.blank();
    repeated += cut.repeated();
    if (cut.repeated() > 0) {
      crowded.add("%s %s of %s".formatted(name, cut.repeated(), cut.samples().size()));
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
            NpyFloats.create(
                PatchSet.masksBeside(array), Arrays.copyOfRange(extents, 1, extents.length));
      }
    }
    if (!Arrays.equals(extents, cut.extents())) {
      throw new PalimpsestException(
          "%s comes out in the shape %s and %s in %s. Take patches of one size (--patches, --patch-size), or one case at a time."
              .formatted(first, Arrays.toString(extents), name, Arrays.toString(cut.extents())));
    }
    return Objects.requireNonNull(samples);
  }

  PatchSet.Made finish() {
    if (samples == null) {
      throw new PalimpsestException(
          "All %s patches are blank, so that none is left. Choose others, or keep blank ones."
              .formatted(blank));
    }
    if (blank > 0) {
      notes.add(
          "%s of %s patches are blank%s"
              .formatted(
                  blank,
                  rule.withoutBlank() ? count + blank : count,
                  rule.withoutBlank() ? " and left out" : ""));
    }
    noteCrowded();
    removeOutdated();
    long[] shape = samples.finish();
    Optional<long[]> masks = Optional.ofNullable(labels).map(NpyFloats::finish);
    AtomicFile.write(PatchSet.recordBeside(array), record(shape, masks).toPrettyString() + "\n");
    return new PatchSet.Made(shape, masks, blank, repeated, List.copyOf(notes), preview);
  }

  /** One line, however many cases have fewer places than patches. */
  private void noteCrowded() {
    if (crowded.isEmpty()) {
      return;
    }
    int more = crowded.size() - MOST_NAMED;
    String named = String.join(", ", crowded.subList(0, Math.min(MOST_NAMED, crowded.size())));
    notes.add(
        "%s of %s patches repeat others of their case, where no more different places were found: %s%s; give a smaller --count or --patch-size"
            .formatted(
                repeated, count, named, more > 0 ? " and %s more cases".formatted(more) : ""));
  }

  /** So that a process that is killed in between leaves no record or labels of other samples. */
  private void removeOutdated() {
    try {
      Files.deleteIfExists(PatchSet.recordBeside(array));
      Files.deleteIfExists(PatchSet.masksBeside(array));
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
    masks.ifPresent(
        there -> node.put("masks", String.valueOf(PatchSet.masksBeside(array).getFileName())));
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

  /**
   * Makes sure that no file is written over that is read, or that no earlier call made.
   *
   * @throws PalimpsestException if one would be
   */
  static void requireOwnPlaces(List<CaseFiles> cases, Path array) {
    if (!String.valueOf(array.getFileName()).endsWith(".npy")) {
      throw new PalimpsestException(
          "%s is no name for an array: let it end in .npy.".formatted(array));
    }
    Path record = PatchSet.recordBeside(array);
    Stream.of(array, PatchSet.masksBeside(array), record).forEach(AtomicFile::requireReplaceable);
    if (Files.isRegularFile(record) && !JsonFiles.read(record).path(MADE_BY).isTextual()) {
      throw new PalimpsestException(
          "%s would be overwritten, and is no record of probes. Write to another place than %s."
              .formatted(record, array));
    }
    for (Path written : List.of(array, PatchSet.masksBeside(array), PatchSet.recordBeside(array))) {
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

  static void requireNoForeignMasks(Path array, boolean masked) {
    Path masks = PatchSet.masksBeside(array);
    Path record = PatchSet.recordBeside(array);
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
}
