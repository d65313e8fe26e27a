package org.palimpsest.spark;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.npy.NpyProbes;

/**
 * Probes that this process has opened for shards. Opening reads the file from end to end, so that
 * it is done once, and again only where the file has changed since.
 */
final class OpenedProbes {

  private static final Map<Path, Probes> OPENED = new ConcurrentHashMap<>();

  private OpenedProbes() {}

  /**
   * The probes in a file.
   *
   * @param wanted those that the driver found under the same path
   * @throws PalimpsestException if they are others here
   */
  static Probes of(Path file, Fingerprint wanted) {
    Probes here =
        OPENED.compute(
            file, (path, before) -> areStill(before, wanted) ? before : NpyProbes.open(path));
    if (!here.fingerprint().equals(wanted)) {
      throw new PalimpsestException(
          "%s holds other probes on this machine (fingerprint %s) than on the driver (%s). Copy the driver's file to all machines."
              .formatted(file, here.fingerprint(), wanted));
    }
    return here;
  }

  private static boolean areStill(@Nullable Probes before, Fingerprint wanted) {
    if (before == null || !before.fingerprint().equals(wanted)) {
      return false;
    }
    try {
      before.batch(0, 1); // refused if the file was written to, be it with the same content
      return true;
    } catch (PalimpsestException changed) {
      return false;
    }
  }
}
