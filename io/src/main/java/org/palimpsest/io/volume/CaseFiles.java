package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;

/**
 * The files of one case: its channels, one or several a file, and perhaps a mask of labels. Images
 * may be NIfTI volumes, or slices as PNG, TIFF or BMP. Their times and sizes are noted when they
 * are grouped; one that changes before it was read is an error.
 */
public final class CaseFiles {

  private static final Pattern CHANNEL = Pattern.compile("(.+)_(\\d{4})");
  private static final Pattern ENDING =
      Pattern.compile("(?i)\\.(nii\\.gz|nii|png|tiff?|bmp|nrrd|mha|gipl)$");

  private final String name;
  private final List<UnchangedFile> images;
  private final Optional<UnchangedFile> mask;

  private CaseFiles(String name, List<UnchangedFile> images, Optional<UnchangedFile> mask) {
    this.name = name;
    this.images = List.copyOf(images);
    this.mask = mask;
  }

  /** What they have in common: {@code case_001} of {@code case_001_0000.nii.gz}. */
  public String name() {
    return name;
  }

  /** The images in the order of their channels, and the mask if there is one. */
  public List<Path> files() {
    return Stream.concat(images().stream(), mask().stream()).toList();
  }

  List<Path> images() {
    return images.stream().map(UnchangedFile::file).toList();
  }

  Optional<Path> mask() {
    return mask.map(UnchangedFile::file);
  }

  /** Files with their hashes; an error if one of them changed. */
  ObjectNode record() {
    ObjectNode record = JsonNodeFactory.instance.objectNode().put("name", name);
    ArrayNode files = record.putArray("files");
    images.forEach(file -> files.add(hashed(file)));
    mask.ifPresent(labels -> record.set("mask", hashed(labels)));
    return record;
  }

  private static ObjectNode hashed(UnchangedFile file) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("file", file.file().toString())
        .put("sha256", file.sha256());
  }

  /**
   * Sorts files into cases.
   *
   * <p>Files whose names end in {@code _0000}, {@code _0001} and so on are channels of the case
   * that the rest of the name tells, as nnU-Net has it. Of others each is a case, unless they are
   * as many as there are channels: then they are these, in the order given.
   *
   * @param given files, and folders of such
   * @param channels how many the network takes, if that is known
   * @throws PalimpsestException if there are none, or a channel is missing
   */
  public static List<CaseFiles> group(List<Path> given, OptionalInt channels) {
    Set<Path> files = new LinkedHashSet<>();
    for (Path place : given) {
      files.addAll(FileKind.of(place) == FileKind.FOLDER ? imagesOf(place) : List.of(place));
    }
    Map<String, TreeMap<Integer, Path>> numbered = new TreeMap<>();
    List<Path> others = new ArrayList<>();
    for (Path file : files) {
      Matcher channel = CHANNEL.matcher(stem(file));
      if (channel.matches()) {
        Path twin =
            numbered
                .computeIfAbsent(channel.group(1), name -> new TreeMap<>())
                .put(Integer.parseInt(channel.group(2)), file);
        requireNoTwin(twin, file);
      } else {
        others.add(file);
      }
    }
    List<CaseFiles> cases = new ArrayList<>();
    numbered.forEach((name, all) -> cases.add(of(name, inOrder(name, all))));
    if (others.size() > 1 && channels.orElse(1) == others.size() && numbered.isEmpty()) {
      return List.of(of(stem(others.get(0)), others));
    }
    others.forEach(file -> cases.add(of(stem(file), List.of(file))));
    return cases;
  }

  private static void requireNoTwin(@org.jspecify.annotations.Nullable Path twin, Path file) {
    if (twin != null) {
      throw new PalimpsestException(
          "%s and %s are the same channel of the same case by their names. Give one of them."
              .formatted(twin, file));
    }
  }

  private static List<Path> inOrder(String name, TreeMap<Integer, Path> channels) {
    int next = 0;
    for (Map.Entry<Integer, Path> channel : channels.entrySet()) {
      if (channel.getKey() != next) {
        throw new PalimpsestException(
            String.format(
                Locale.ROOT,
                "%s lacks the channel %s_%04d: there is %s. Give all files of the case.",
                name,
                name,
                next,
                channel.getValue()));
      }
      next++;
    }
    return List.copyOf(channels.values());
  }

  private static CaseFiles of(String name, List<Path> images) {
    return new CaseFiles(
        name, images.stream().map(UnchangedFile::since).toList(), Optional.empty());
  }

  private static List<Path> imagesOf(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> images =
          all.filter(file -> Files.isRegularFile(file) && FileKind.of(file).isImage())
              .sorted()
              .toList();
      if (images.isEmpty()) {
        throw new PalimpsestException(folder + " holds no image and no volume.");
      }
      return images;
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
  }

  private static String stem(Path file) {
    return ENDING.matcher(InputFiles.name(file)).replaceFirst("");
  }

  /**
   * Gives each case its mask: the one of the case's own name, as nnU-Net calls them, or whose name
   * begins so; with one case and one mask that one.
   *
   * @param masks files, and folders of such; none at all if empty
   * @throws PalimpsestException if a case has none or several, or a mask has no case
   */
  public static List<CaseFiles> withMasks(List<CaseFiles> cases, List<Path> masks) {
    List<Path> files = new ArrayList<>();
    for (Path place : masks) {
      files.addAll(FileKind.of(place) == FileKind.FOLDER ? imagesOf(place) : List.of(place));
    }
    if (files.isEmpty()) {
      return cases;
    }
    if (files.size() == 1 && cases.size() == 1) {
      return List.of(cases.get(0).with(files.get(0)));
    }
    List<String> names = cases.stream().map(CaseFiles::name).toList();
    return cases.stream().map(one -> one.with(maskOf(one.name, names, files))).toList();
  }

  /** Those that fit a longer name of a case as well are of that one. */
  private static Path maskOf(String name, List<String> names, List<Path> masks) {
    List<Path> fitting =
        masks.stream()
            .filter(mask -> fits(mask, name))
            .filter(
                mask ->
                    names.stream()
                        .noneMatch(other -> other.length() > name.length() && fits(mask, other)))
            .toList();
    if (fitting.size() != 1) {
      throw new PalimpsestException(
          "%s has %s. Call its mask %s.nii.gz, and give one for each case."
              .formatted(
                  name,
                  fitting.isEmpty()
                      ? "no mask among the %s that are given".formatted(masks.size())
                      : "several masks: " + fitting,
                  name));
    }
    return fitting.get(0);
  }

  private static boolean fits(Path mask, String name) {
    return stem(mask).matches(Pattern.quote(name) + "([_-].*)?");
  }

  private CaseFiles with(Path mask) {
    return new CaseFiles(name, images, Optional.of(UnchangedFile.since(mask)));
  }
}
