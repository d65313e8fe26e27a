package org.palimpsest.cli.internal;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Standard output, kept for the result of a command.
 *
 * <p>Native libraries, models and Java itself print to the process's standard output whenever they
 * see fit, and cannot be told not to. So the result takes a descriptor of its own, and what else is
 * printed goes to standard error.
 */
public final class ResultOutput extends OutputStream {

  private static final int STANDARD_OUTPUT = 1;
  private static final int STANDARD_ERROR = 2;
  private static final int GET_STATUS = 3;
  private static final int ACCESS = 3;
  private static final int READ_ONLY = 0;
  private static final int INTERRUPTED = 4;

  private final int descriptor;
  private final Function write;

  private ResultOutput(int descriptor) {
    this.descriptor = descriptor;
    this.write = c("write");
  }

  /**
   * Begins to {@link #take()} it in a thread of its own, since the library that reaches the C
   * library takes a while to load.
   */
  public static Future<OutputStream> takeAhead() {
    FutureTask<OutputStream> taking = new FutureTask<>(ResultOutput::take);
    new Thread(taking, "palimpsest-output").start();
    return taking;
  }

  /**
   * Takes standard output for what is written to the returned stream, from now on until the process
   * ends. On Windows, and where the C library cannot be reached, only what Java code prints is kept
   * away.
   *
   * <p>To be called once, before any library is loaded. The stream is not buffered, and each write
   * is a call of the system; closing it does nothing.
   *
   * @return where the result is to be written; an error of the system, such as a closed pipe, is an
   *     {@link IOException} there
   */
  public static OutputStream take() {
    System.setOut(System.err);
    try {
      if (!Platform.isWindows() && isWritable(STANDARD_OUTPUT) && isWritable(STANDARD_ERROR)) {
        int own = c("dup").invokeInt(new Object[] {STANDARD_OUTPUT});
        if (own >= 0) {
          ResultOutput result = new ResultOutput(own);
          c("dup2").invokeInt(new Object[] {STANDARD_ERROR, STANDARD_OUTPUT});
          return result;
        }
      }
    } catch (LinkageError sharedWithLibraries) {
      System.getLogger(ResultOutput.class.getName())
          .log(System.Logger.Level.DEBUG, "libraries may print between", sharedWithLibraries);
    }
    return new FileOutputStream(FileDescriptor.out);
  }

  /** A descriptor that was closed may have become that of a file which is being read. */
  private static boolean isWritable(int descriptor) {
    int status = c("fcntl").invokeInt(new Object[] {descriptor, GET_STATUS});
    return status >= 0 && (status & ACCESS) != READ_ONLY;
  }

  private static Function c(String name) {
    return Function.getFunction(Platform.C_LIBRARY_NAME, name);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    int end = from + length;
    int done = from;
    while (done < end) {
      byte[] rest = Arrays.copyOfRange(bytes, done, end);
      long written = write.invokeLong(new Object[] {descriptor, rest, (long) rest.length});
      int error = Native.getLastError();
      if (written < 0 && error != INTERRUPTED) {
        throw new IOException(c("strerror").invokeString(new Object[] {error}, false));
      }
      done += (int) Math.max(0, written);
    }
  }
}
