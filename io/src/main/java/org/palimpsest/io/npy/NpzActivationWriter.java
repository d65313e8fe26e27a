package org.palimpsest.io.npy;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.internal.capture.RunNotes;
import org.palimpsest.io.internal.npy.NpyEncoder;

/**
 * Writes captured activations to an NPZ archive, batch by batch, so that memory does not grow with
 * the number of probes.
 *
 * <p>There is one array per layer, named by its path, float32 or float64 as captured, and nothing
 * else; the probes' fingerprint and the model's provenance are in the archive's comment. Layers
 * wait in temporary files beside the archive (so twice its size is needed on the disk for a while)
 * until {@link #finish()} joins them. Closed before that, it leaves nothing behind.
 */
public final class NpzActivationWriter implements Consumer<ActivationBatch>, AutoCloseable {

  static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
  private static final Pattern NO_PLACE =
      Pattern.compile("(^|[/\\\\])\\.\\.([/\\\\]|$)|\\p{Cntrl}");
  private static final int LONGEST_NAME = 0xffff - ".npy".length();

  private final AtomicFile archive;
  private final Path target;
  private final TemporaryFolder spool;
  private final Probes probes;
  private CaptureRecord origin;
  private final Map<String, SpooledArray> arrays = new LinkedHashMap<>();

  private NpzActivationWriter(
      Path target, AtomicFile archive, CaptureRecord origin, Probes probes) {
    this.target = target;
    this.archive = archive;
    Path alone = archive.temporary();
    this.spool = TemporaryFolder.at(alone.resolveSibling(alone.getFileName() + ".layers"));
    this.origin = origin;
    this.probes = probes;
  }

  /**
   * Begins an archive.
   *
   * @param target where it will be
   * @param model what is being captured
   * @param probes what it is shown
   * @throws PalimpsestException if nothing can be written there, saying why
   */
  public static NpzActivationWriter create(Path target, Provenance model, Probes probes) {
    AtomicFile archive = AtomicFile.create(target);
    try {
      CaptureRecord origin = new CaptureRecord(model, probes.fingerprint());
      return new NpzActivationWriter(target, archive, origin, probes);
    } catch (PalimpsestException failure) {
      archive.close();
      throw failure;
    }
  }

  /**
   * Adds the next batch.
   *
   * @throws PalimpsestException if a layer's features differ from those before, or it is not one
   *     row per probe
   */
  @Override
  public void accept(ActivationBatch batch) {
    batch.layers().forEach((layer, tensor) -> add(layer, tensor, batch.firstSample()));
  }

  private void add(String layer, INDArray tensor, long firstSample) {
    try {
      SpooledArray array = arrays.get(layer);
      if (array == null) {
        requireStorable(layer, tensor);
        Path file = spool.path().resolve(arrays.size() + ".npy"); // has nothing of the name in it
        array = SpooledArray.begin(layer, file, tensor, probes.count());
        arrays.put(layer, array);
      }
      array.append(tensor, firstSample);
    } catch (IOException failure) {
      throw AtomicFile.unwritable(target, failure);
    }
  }

  private static void requireStorable(String layer, INDArray tensor) {
    byte[] name = layer.getBytes(StandardCharsets.UTF_8);
    boolean exact = layer.equals(new String(name, StandardCharsets.UTF_8));
    if (!exact || layer.indexOf('\0') >= 0 || name.length > LONGEST_NAME) {
      throw new PalimpsestException(
          "Layer '%.60s' has a name that an NPZ archive cannot hold. Leave it out."
              .formatted(layer));
    }
    if (tensor.rank() == 0 || tensor.isEmpty()) {
      throw new PalimpsestException(
          "Layer '%s' gives a single number or nothing, not one row per probe. Leave it out."
              .formatted(layer));
    }
  }

  /** Forgets a layer that was added, which need not answer every probe then. */
  public void leaveOut(String layer) {
    arrays.remove(layer);
  }

  /**
   * As {@link #finish()}, with what is known of the model only after it has run.
   *
   * @param model what was captured
   */
  public void finish(Provenance model) {
    origin = new CaptureRecord(model, probes.fingerprint());
    finish();
  }

  /**
   * Checks that every layer answered every probe, and gives the archive its name.
   *
   * @throws PalimpsestException if one did not, or there is no layer, or the disk is full
   */
  public void finish() {
    if (arrays.isEmpty()) {
      throw new PalimpsestException("No layer was captured, so " + target + " is not written.");
    }
    arrays.values().forEach(SpooledArray::requireWhole);
    noteOn();
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(archive.temporary())))) {
      zip.setComment(origin.toComment());
      for (SpooledArray array : arrays.values()) {
        array.moveInto(zip);
      }
    } catch (IOException failure) {
      throw AtomicFile.unwritable(target, failure);
    }
    archive.commit();
  }

  private void noteOn() {
    List<String> notFinite = new ArrayList<>();
    arrays.forEach(
        (layer, array) -> {
          if (array.notFinite() > 0) {
            notFinite.add("'%s' (%s values)".formatted(layer, array.notFinite()));
          }
        });
    Provenance model = origin.model();
    List<String> notes = new ArrayList<>(model.notes());
    if (!notFinite.isEmpty()) {
      notes.add(RunNotes.notFinite(notFinite));
    }
    arrays.keySet().stream()
        .filter(layer -> NO_PLACE.matcher(layer).find())
        .findFirst()
        .ifPresent(
            layer ->
                notes.add(
                    "layers have names such as '%.60s', which lead out of a folder or hold control characters: read the archive, do not unpack it"
                        .formatted(layer)));
    origin =
        new CaptureRecord(new Provenance(model.origin(), model.sha256(), notes), origin.probes());
  }

  /** Removes what is temporary. */
  @Override
  public void close() {
    try {
      spool.close();
    } finally {
      archive.close();
    }
  }

  /** One layer's array while it grows in a temporary file, as the NPY file that it will be. */
  private static final class SpooledArray {

    private final String layer;
    private final Path file;
    private final long[] shape;
    private final DataType type;
    private final CRC32 crc = new CRC32();
    private long rows;
    private long notFinite;

    private SpooledArray(String layer, Path file, long[] shape, DataType type) {
      this.layer = layer;
      this.file = file;
      this.shape = shape;
      this.type = type;
    }

    /**
     * Begins an array.
     *
     * @param first its first rows
     * @param rows how many it will have
     */
    static SpooledArray begin(String layer, Path file, INDArray first, long rows)
        throws IOException {
      long[] shape = first.shape().clone();
      shape[0] = rows;
      SpooledArray array =
          new SpooledArray(layer, file, shape, TensorReader.readableType(first.dataType()));
      byte[] header = NpyEncoder.header(array.type, shape);
      array.crc.update(header);
      Files.write(file, header, StandardOpenOption.CREATE_NEW);
      return array;
    }

    void append(INDArray batch, long firstSample) throws IOException {
      boolean sameFeatures =
          Arrays.equals(shape, 1, shape.length, batch.shape(), 1, Math.max(1, batch.rank()));
      if (rows != firstSample || rows + batch.size(0) > shape[0]) {
        throw new PalimpsestException(
            "Layer '%s' gives %s rows and more to %s probes, not one to each. Such a layer cannot be captured: choose others (--layers)."
                .formatted(layer, rows + batch.size(0), shape[0]));
      }
      if (!sameFeatures) {
        throw new PalimpsestException(
            String.format(
                Locale.ROOT,
                ("Layer '%s' gives %s for the probes from number %d on, after %d rows of the shape %s."
                    + " Such a layer cannot be captured: choose others (--layers)."),
                layer,
                Arrays.toString(batch.shape()),
                firstSample,
                rows,
                featureShape()));
      }
      try (OutputStream out =
          new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.APPEND))) {
        notFinite +=
            NpyEncoder.writeElements(
                TensorReader.of(batch.castTo(type)),
                batch.length(),
                new CheckedOutputStream(out, crc));
      }
      rows += batch.size(0);
    }

    /** How many of its values are NaN or infinite. */
    long notFinite() {
      return notFinite;
    }

    void requireWhole() {
      if (rows != shape[0]) {
        throw new PalimpsestException(
            "Layer '%s' gave %s rows for %s probes: its first dimension is not the samples'. Leave it out."
                .formatted(layer, rows, shape[0]));
      }
    }

    /** Puts the array into an archive, uncompressed, and deletes the temporary file. */
    void moveInto(ZipOutputStream zip) throws IOException {
      ZipEntry entry = new ZipEntry(layer + ".npy");
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(Files.size(file));
      entry.setCrc(crc.getValue());
      entry.setTimeLocal(NpzActivationWriter.NO_TIME);
      zip.putNextEntry(entry);
      Files.copy(file, zip);
      zip.closeEntry();
      Files.delete(file);
    }

    private String featureShape() {
      return Arrays.toString(Arrays.copyOfRange(shape, 1, shape.length));
    }
  }
}
