package org.palimpsest.cli;

import org.palimpsest.cli.CommandRunner.IdleThreads;
import org.palimpsest.core.Backend;
import org.palimpsest.internal.file.AddressRoom;

/** The libraries that tensors need. */
final class NativeLibraries {

  private NativeLibraries() {}

  /**
   * Begins to load them, with threads that sleep while they wait.
   *
   * @throws org.palimpsest.core.PalimpsestException if a limit on addresses leaves them no room
   */
  static void loadAhead() {
    IdleThreads.letSleep();
    AddressRoom.require();
    Backend.loadAhead();
  }
}
