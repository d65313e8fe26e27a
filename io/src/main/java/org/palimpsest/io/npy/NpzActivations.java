package org.palimpsest.io.npy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.Sha256;

/**
 * The arrays of an NPZ archive as activations, one layer per array, in the archive's order. Each is
 * read when it is asked for, and its checksum is checked then.
 *
 * <p>Archives of {@link NpzActivationWriter} know their probes' fingerprint and their model; of
 * others the fingerprint is unknown.
 */
public final class NpzActivations implements ActivationSet {

  private static final String ENDING = ".npy";

  private final Path file;
  private final List<String> layers;
  private final Provenance provenance;
  private final Fingerprint probes;

  private NpzActivations(
      Path file, List<String> layers, Provenance provenance, Fingerprint probes) {
    this.file = file;
    this.layers = List.copyOf(layers);
    this.provenance = provenance;
    this.probes = probes;
  }

  /**
   * Opens an archive. Its arrays are not read yet.
   *
   * @throws PalimpsestException if it is not a whole archive, or holds no array
   */
  public static NpzActivations open(Path file) {
    return reading(
        InputFiles.require(file),
        zip -> {
          List<String> others = new ArrayList<>();
          Map<String, ZipEntry> arrays = arrays(file, zip, others);
          if (arrays.isEmpty()) {
            throw new PalimpsestException(file + " holds no NumPy array.");
          }
          String comment = Objects.requireNonNullElse(zip.getComment(), "");
          Optional<CaptureRecord> origin = CaptureRecord.parse(file, comment);
          return new NpzActivations(
              file,
              List.copyOf(arrays.keySet()),
              origin.map(record -> readFrom(file, record)).orElseGet(() -> foreign(file, others)),
              origin.map(CaptureRecord::probes).orElse(Fingerprint.unknown()));
        });
  }

  private static Provenance readFrom(Path file, CaptureRecord origin) {
    List<String> notes = new ArrayList<>(origin.model().notes());
    notes.add("read from " + InputFiles.name(file));
    return new Provenance(origin.model().origin(), origin.model().sha256(), notes);
  }

  private static Provenance foreign(Path file, List<String> others) {
    List<String> notes =
        others.isEmpty()
            ? List.of()
            : List.of("not arrays, left out: " + String.join(", ", others));
    return new Provenance(file.toString(), Sha256.of(file), notes);
  }

  private static Map<String, ZipEntry> arrays(Path file, ZipFile zip, List<String> others) {
    Map<String, ZipEntry> arrays = new LinkedHashMap<>();
    Enumeration<? extends ZipEntry> entries = zip.entries();
    while (entries.hasMoreElements()) {
      ZipEntry entry = entries.nextElement();
      String name = entry.getName();
      if (!name.endsWith(ENDING)) {
        others.add(name);
        continue;
      }
      String layer = name.substring(0, name.length() - ENDING.length());
      if (arrays.put(layer, entry) != null) {
        throw new PalimpsestException(file + " holds the array '" + layer + "' twice.");
      }
    }
    return arrays;
  }

  @Override
  public String name() {
    return InputFiles.name(file);
  }

  @Override
  public Provenance provenance() {
    return provenance;
  }

  @Override
  public List<String> layers() {
    return layers;
  }

  @Override
  public Fingerprint probes() {
    return probes;
  }

  @Override
  public Activations get(String layer) {
    INDArray values = reading(file, zip -> entry(zip, layer).read());
    return new Activations(layer, values, probes);
  }

  /** What a layer's array says of itself, without its values. */
  public NpyHeader header(String layer) {
    return reading(file, zip -> entry(zip, layer).header());
  }

  private NpzEntry entry(ZipFile zip, String layer) {
    if (!layers.contains(layer)) {
      throw LayerSelector.unknown(layer, layers);
    }
    ZipEntry entry = zip.getEntry(layer + ENDING);
    if (entry == null) {
      throw new PalimpsestException(file + " no longer holds the array '" + layer + "'.");
    }
    return new NpzEntry(file, zip, entry, layer);
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read(ZipFile zip) throws IOException;
  }

  private static <T> T reading(Path file, Reading<T> reading) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return reading.read(zip);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    } catch (IllegalArgumentException badName) {
      throw new PalimpsestException(file + " is a damaged ZIP archive: " + badName, badName);
    }
  }
}
