package org.palimpsest.io.npy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.LateProvenance;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.ZipArchive;

/**
 * The arrays of an NPZ archive as activations, one layer per array, in the archive's order. Each is
 * read when it is asked for, and its checksum is checked then. Layers are thus in memory one at a
 * time, unless the caller keeps them.
 *
 * <pre>{@code
 * // numpy.savez("before.npz", **{"enc1": enc1, "out": out})
 * ActivationSet before = NpzActivations.open(Path.of("before.npz"));
 * Representation enc1 = FeatureMaps.positions().represent(before.get("enc1"));
 * }</pre>
 *
 * <p>Archives of {@link NpzActivationWriter} know their probes' fingerprint and their model; of
 * others the fingerprint is unknown.
 */
public final class NpzActivations implements ActivationSet {

  private static final String ENDING = ".npy";

  private static final int MANY_LAYERS = 100;
  private static final int LAYERS_AHEAD = 1000;
  private static final long BYTES_AHEAD = 1L << 20;

  private final Path file;
  private final UnchangedFile watched;
  private final List<String> layers;
  private final Map<String, Integer> places;
  private final LateProvenance origin;
  private final Fingerprint probes;

  private final Object lock = new Object();

  /** Layers that were read together with the one before them, until they are asked for. */
  private Map<String, INDArray> ahead = new HashMap<>();

  private int next;

  private NpzActivations(
      Path file,
      UnchangedFile watched,
      List<String> layers,
      LateProvenance origin,
      Fingerprint probes) {
    this.file = file;
    this.watched = watched;
    this.layers = List.copyOf(layers);
    this.places = new HashMap<>();
    layers.forEach(layer -> places.put(layer, places.size()));
    this.origin = origin;
    this.probes = probes;
  }

  /**
   * Opens an archive. Its arrays are not read yet, so that one which cannot be used is told when it
   * is asked for.
   *
   * @param file made by {@code numpy.savez}, {@code numpy.savez_compressed}, or {@link
   *     NpzActivationWriter}
   * @throws PalimpsestException if it is not a whole archive, or holds no array
   */
  public static NpzActivations open(Path file) {
    InputFiles.require(file);
    UnchangedFile watched = UnchangedFile.since(file);
    return ZipArchive.with(
        file,
        zip -> {
          List<String> layers = new ArrayList<>();
          List<String> others = new ArrayList<>();
          for (String name : zip.names()) {
            boolean array = name.endsWith(ENDING);
            (array ? layers : others).add(array ? layerOf(name) : name);
          }
          if (layers.isEmpty()) {
            throw new PalimpsestException(file + " holds no NumPy array.");
          }
          Optional<CaptureRecord> origin = CaptureRecord.parse(file, zip.comment());
          return new NpzActivations(
              file,
              watched,
              layers,
              new LateProvenance(
                  () ->
                      origin
                          .map(record -> readFrom(file, record))
                          .orElseGet(() -> foreign(file, watched, others))),
              origin.map(CaptureRecord::probes).orElse(Fingerprint.unknown()));
        });
  }

  private static String layerOf(String entry) {
    return entry.substring(0, entry.length() - ENDING.length());
  }

  private static Provenance readFrom(Path file, CaptureRecord origin) {
    List<String> notes = new ArrayList<>(origin.model().notes());
    notes.add("read from " + InputFiles.name(file));
    return new Provenance(origin.model().origin(), origin.model().sha256(), notes);
  }

  private static Provenance foreign(Path file, UnchangedFile watched, List<String> others) {
    List<String> notes =
        others.isEmpty()
            ? List.of()
            : List.of(
                "entries whose names do not end with .npy, left out: " + String.join(", ", others));
    return new Provenance(file.toString(), watched.sha256(), notes);
  }

  @Override
  public String name() {
    return InputFiles.name(file);
  }

  @Override
  public Provenance provenance() {
    return origin.get();
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
  public void requireUnchanged() {
    watched.require();
  }

  @Override
  public Activations get(String layer) {
    requireKnown(layer);
    INDArray values =
        taken(layer).orElseGet(() -> ZipArchive.again(watched, zip -> readWithNext(zip, layer)));
    watched.require();
    return new Activations(layer, values, probes);
  }

  private Optional<INDArray> taken(String layer) {
    synchronized (lock) {
      return Optional.ofNullable(ahead.remove(layer));
    }
  }

  /**
   * Reads a layer, and small ones behind it if layers are asked for in their order: to open an
   * archive takes time that grows with the number of its entries.
   */
  private INDArray readWithNext(ZipArchive zip, String layer) throws IOException {
    INDArray values = new NpzEntry(zip, layer).read();
    int place = Objects.requireNonNull(places.get(layer), layer);
    if (layers.size() >= MANY_LAYERS && isNext(place)) {
      Map<String, INDArray> read = following(zip, place);
      synchronized (lock) {
        ahead = read;
        next = place + read.size() + 1;
      }
    }
    return values;
  }

  /** Whether the layer before this one was the last that was read. */
  private boolean isNext(int place) {
    synchronized (lock) {
      boolean inOrder = place == next;
      next = place + 1;
      return inOrder;
    }
  }

  private Map<String, INDArray> following(ZipArchive zip, int place) {
    Map<String, INDArray> read = new HashMap<>();
    long room = BYTES_AHEAD;
    for (int i = place + 1; i < layers.size() && read.size() < LAYERS_AHEAD; i++) {
      room -= zip.size(layers.get(i) + ENDING);
      if (room < 0) {
        break;
      }
      try {
        read.put(layers.get(i), new NpzEntry(zip, layers.get(i)).read());
      } catch (IOException | PalimpsestException toldWhenItIsAskedFor) {
        break;
      }
    }
    return read;
  }

  /**
   * What the array of each layer says of itself, without its values, in the archive's order.
   * Decompresses the beginning of each.
   *
   * @return shapes, types and orders by layer
   * @throws PalimpsestException if one is no array that can be used, or the file has changed
   */
  public Map<String, NpyFile.Header> headers() {
    return ZipArchive.again(
        watched,
        zip -> {
          Map<String, NpyFile.Header> headers = new LinkedHashMap<>();
          for (String layer : layers) {
            headers.put(layer, new NpzEntry(zip, layer).header());
          }
          return headers;
        });
  }

  private void requireKnown(String layer) {
    if (!places.containsKey(layer)) {
      throw LayerSelector.unknown(layer, layers);
    }
  }

  /** One array inside an open archive. */
  private record NpzEntry(ZipArchive archive, String layer) {

    NpyFile.Header header() throws IOException {
      try (ZipArchive.Content in = archive.open(layer + ENDING)) {
        return NpyFile.Header.read(in, source());
      }
    }

    INDArray read() throws IOException {
      try (ZipArchive.Content in = archive.open(layer + ENDING)) {
        NpyFile.Header header = NpyFile.Header.read(in, source());
        header.requireSize(archive.size(layer + ENDING), source());
        INDArray tensor = NpyDecoder.read(header, in, source());
        in.finish();
        return tensor;
      }
    }

    private String source() {
      return "Array '" + layer + "' in " + archive.file();
    }
  }
}
