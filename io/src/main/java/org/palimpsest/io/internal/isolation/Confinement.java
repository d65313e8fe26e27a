package org.palimpsest.io.internal.isolation;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.internal.natives.NativeLoading;
import org.palimpsest.internal.file.ProcFile;

/**
 * Takes from a thread, and from those that it starts, what a network does not need: to write
 * anywhere but into one folder, to start programs, to speak to other machines.
 *
 * <p>Linux offers this to every user since version 5.13, if it was built with Landlock; connections
 * since 6.7. It cannot be given back.
 *
 * @see <a href="https://docs.kernel.org/userspace-api/landlock.html">Landlock</a>
 */
final class Confinement {

  private static final long CREATE_RULESET = 444;
  private static final long ADD_RULE = 445;
  private static final long RESTRICT_SELF = 446;
  private static final long TELL_VERSION = 1;
  private static final long PATH_BENEATH = 1;
  private static final int NO_NEW_PRIVILEGES = 38;
  private static final int OPEN_PATH = 0x280000;

  /** To run programs; to write, remove and make files of all kinds; all but to read. */
  private static final long ALL_BUT_READING = 0b1_1111_1111_0011L;

  private static final long MOVE_BETWEEN_FOLDERS = 1L << 13;
  private static final long CUT_FILES = 1L << 14;
  private static final long RUN_PROGRAMS = 1;
  private static final long BIND_AND_CONNECT = 0b11;
  private static final int VERSION_THAT_MOVES = 2;
  private static final int VERSION_THAT_CUTS = 3;
  private static final int VERSION_THAT_CONNECTS = 4;

  private Confinement() {}

  /** Loads what it needs, while no other thread loads anything. */
  static void prepare() {
    if (Platform.isLinux()) {
      NativeLoading.alone(() -> Function.getFunction(Platform.C_LIBRARY_NAME, "syscall"));
    }
  }

  /**
   * Confines this thread, where the system can.
   *
   * @param folder where it may still write
   * @return what could not be done, in words for a result's notes; on other systems than Linux,
   *     which offer nothing, none
   */
  static List<String> confineThisThread(Path folder) {
    List<String> missing = new ArrayList<>();
    if (!Platform.isLinux()) {
      return missing;
    }
    try {
      restrict(folder);
    } catch (IllegalStateException | LinkageError refused) {
      missing.add("its process could write to any file of this user: " + refused.getMessage());
    }
    if (!isMemoryLimited()) {
      missing.add("its process could take any memory: no limit can be set here");
    }
    return missing;
  }

  private static void restrict(Path folder) {
    int version = (int) call("syscall", CREATE_RULESET, Pointer.NULL, 0L, TELL_VERSION);
    if (version < 1) {
      throw new IllegalStateException("this Linux offers no Landlock");
    }
    long files =
        ALL_BUT_READING
            | (version >= VERSION_THAT_MOVES ? MOVE_BETWEEN_FOLDERS : 0)
            | (version >= VERSION_THAT_CUTS ? CUT_FILES : 0);
    boolean connects = version >= VERSION_THAT_CONNECTS;
    try (Memory handled = new Memory(2 * Long.BYTES);
        Memory rule = new Memory(Long.BYTES + Integer.BYTES)) {
      handled.setLong(0, files);
      handled.setLong(Long.BYTES, connects ? BIND_AND_CONNECT : 0);
      long size = connects ? 2 * Long.BYTES : Long.BYTES;
      int rules = opened(call("syscall", CREATE_RULESET, handled, size, 0L), "a set of rules");
      int place = opened(call("open", folder.toString(), OPEN_PATH), folder.toString());
      rule.setLong(0, files & ~RUN_PROGRAMS);
      rule.setInt(Long.BYTES, place);
      require(call("syscall", ADD_RULE, (long) rules, PATH_BENEATH, rule, 0L), "a rule");
      require(call("prctl", NO_NEW_PRIVILEGES, 1L, 0L, 0L, 0L), "no new privileges");
      require(call("syscall", RESTRICT_SELF, (long) rules, 0L), "Landlock");
      call("close", place);
      call("close", rules);
    }
  }

  private static int opened(long descriptor, String what) {
    require(descriptor < 0 ? descriptor : 0, what);
    return (int) descriptor;
  }

  private static void require(long result, String what) {
    if (result != 0) {
      throw new IllegalStateException(
          "Linux refused %s (error %s)".formatted(what, Native.getLastError()));
    }
  }

  private static long call(String function, Object... arguments) {
    return Function.getFunction(Platform.C_LIBRARY_NAME, function).invokeLong(arguments);
  }

  private static boolean isMemoryLimited() {
    return ProcFile.LIMITS.bytes("Max data size").isPresent();
  }
}
