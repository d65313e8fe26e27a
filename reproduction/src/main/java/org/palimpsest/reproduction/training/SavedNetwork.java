package org.palimpsest.reproduction.training;

import ai.djl.training.tracker.Tracker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;

/** Reads back what {@link UNet#archive} wrote. */
public final class SavedNetwork {

  private SavedNetwork() {}

  /**
   * What a saved network holds.
   *
   * @param architecture the architecture with which it was saved
   * @throws PalimpsestException if the file cannot be read
   */
  public static NetworkState read(UNet architecture, Path file) {
    try (LiveNetwork network =
        LiveNetwork.open(architecture, Files.readAllBytes(file), Tracker.fixed(0), path -> true)) {
      return network.state();
    } catch (IOException failure) {
      throw new PalimpsestException(file + " cannot be read: " + failure, failure);
    }
  }
}
