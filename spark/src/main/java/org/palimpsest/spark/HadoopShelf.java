package org.palimpsest.spark;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedShelf;
import org.palimpsest.core.measure.SealedPrepared;
import org.palimpsest.internal.file.Sha256;

/** Prepared layers as files of a shared folder, named after the hash of their names. */
final class HadoopShelf implements PreparedShelf {

  private static final String LAYER = ".layer";
  private static final String FAILURE = ".failure";
  private static final int LONGEST_REASON = 1 << 16;

  private final SharedFolder folder;
  private final boolean looksAgain;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /**
   * @param folder where files lie
   * @param looksAgain whether it looks for what was not there when it looked last; otherwise {@link
   *     #refresh} does, with one listing for all
   */
  HadoopShelf(SharedFolder folder, boolean looksAgain) {
    this.folder = folder;
    this.looksAgain = looksAgain;
    refresh();
  }

  /** Looks what lies there now. */
  void refresh() {
    known.addAll(folder.names());
  }

  @Override
  public boolean holds(String name) {
    String file = fileOf(name);
    return lies(file + LAYER) || lies(file + FAILURE);
  }

  private boolean lies(String file) {
    if (!known.contains(file) && looksAgain && folder.holds(file)) {
      known.add(file);
    }
    return known.contains(file);
  }

  private static String fileOf(String name) {
    return Sha256.of(name.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public <P extends Prepared> void put(String name, P prepared, PreparedFormat<P> format) {
    String file = fileOf(name) + LAYER;
    folder.write(file, out -> SealedPrepared.write(prepared, format, out));
    known.add(file);
  }

  @Override
  public void putFailure(String name, String reason) {
    String file = fileOf(name) + FAILURE;
    folder.write(file, out -> out.write(reason.getBytes(StandardCharsets.UTF_8)));
    known.add(file);
  }

  @Override
  public Optional<String> failure(String name) {
    String file = fileOf(name) + FAILURE;
    return lies(file)
        ? Optional.of(
            folder.read(
                file,
                (in, bytes) -> new String(in.readNBytes(LONGEST_REASON), StandardCharsets.UTF_8)))
        : Optional.empty();
  }

  @Override
  public <P extends Prepared> P get(String name, PreparedFormat<P> format) {
    String file = fileOf(name) + LAYER;
    try {
      return folder.read(file, (in, bytes) -> SealedPrepared.read(in, bytes, format));
    } catch (PalimpsestException damaged) {
      folder.remove(file);
      known.remove(file);
      throw new PalimpsestException(
          damaged.getMessage() + " The file is removed, and made anew by the next command.",
          damaged);
    }
  }
}
