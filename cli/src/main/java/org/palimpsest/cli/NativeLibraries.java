package org.palimpsest.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import org.palimpsest.cli.internal.IdleThreads;
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
    loadThoseOfJava();
    Backend.loadAhead();
  }

  /** Those that other threads would open while ND4J starts, as {@code NativeLoading} forbids. */
  private static void loadThoseOfJava() {
    try {
      ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
    } catch (IOException | UnsupportedOperationException withoutSockets) {
      System.getLogger(NativeLibraries.class.getName())
          .log(System.Logger.Level.DEBUG, "no sockets between processes", withoutSockets);
    }
  }
}
